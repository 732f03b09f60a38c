import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { anyFreePort, HOST } from '../../../lib/machine/ports.ts';
import { Balancer, type Target } from './balancer.ts';

/** A server that answers each line with its name and the line. */
async function node(name: string) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(`${name}:${data}`));
  });
  const port = await anyFreePort();
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  const die = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  onTestFinished(die);
  return { target: { name, port }, die };
}

async function balancer(targets: () => readonly Target[]) {
  const made = new Balancer(targets);
  const port = await anyFreePort();
  await made.listen(port);
  onTestFinished(() => made.close());
  return { balancer: made, port };
}

async function ask(port: number): Promise<{ answer: string; socket: Socket }> {
  const socket = connect(port, HOST);
  socket.on('error', () => {});
  socket.write('hello');
  const answer = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])]);
  return { answer: String(answer[0]), socket };
}

it('leads to the first node that is ready, and keeps a connection where it is', async () => {
  const [one, two] = [await node('n1'), await node('n2')];
  let order = [one.target, two.target];
  const { balancer: service, port } = await balancer(() => order);
  expect(service.node).toBeNull();
  const first = await ask(port);
  expect(first.answer).toBe('n1:hello');
  order = [two.target];
  expect((await ask(port)).answer).toBe('n2:hello');
  expect(service.node).toBe('n2');
  first.socket.write('again');
  expect(String((await once(first.socket, 'data'))[0])).toBe('n1:again');
});

it('uses the next node when one is gone, and closes the connections to it', async () => {
  const [one, two] = [await node('n1'), await node('n2')];
  const { port } = await balancer(() => [one.target, two.target]);
  const { socket } = await ask(port);
  const closed = once(socket, 'close');
  one.die();
  await closed;
  expect((await ask(port)).answer).toBe('n2:hello');
});

it('hangs up when no node is there', async () => {
  const gone = await node('n1');
  gone.die();
  const { balancer: service, port } = await balancer(() => [gone.target]);
  expect((await ask(port)).answer).toBe('closed');
  await expect.poll(() => service.node).toBeNull();
});
