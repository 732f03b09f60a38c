import {
  HttpTransportType,
  type HubConnection,
  HubConnectionBuilder,
  type IHttpConnectionOptions,
  LogLevel,
  Subject,
} from '@microsoft/signalr';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startHub, type TestHub } from './testing.ts';

let server: TestHub;
const clients: HubConnection[] = [];

beforeEach(async () => {
  server = await startHub();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await server.stop();
});

function build(options: IHttpConnectionOptions = {}): HubConnection {
  const client = new HubConnectionBuilder()
    .withUrl(server.url, options)
    .withAutomaticReconnect(Array.from({ length: 100 }, () => 50))
    .configureLogging(LogLevel.None)
    .build();
  clients.push(client);
  return client;
}

async function connect(options: IHttpConnectionOptions = {}): Promise<HubConnection> {
  const client = build(options);
  await client.start();
  return client;
}

/** The first `count` numbers that `tick` brings. */
function ticks(client: HubConnection, count: number): Promise<number[]> {
  const got: number[] = [];
  return new Promise((resolve) => {
    client.on('tick', (n: number) => {
      got.push(n);
      if (got.length === count) resolve(got);
    });
  });
}

describe('The official client', () => {
  test('connects, calls, and gets the result.', async () => {
    const client = await connect();
    const value = { text: 'é\u{1f9ea}\x1e"\u2028', list: [1, null, { deep: true }] };
    expect(await client.invoke('Echo', value)).toEqual(value);
    expect(await client.invoke('Nothing')).toBeUndefined();
    expect(await client.invoke('Echo', null)).toBeNull();
    expect(await client.invoke('WhoAmI')).toEqual([client.connectionId, '127.0.0.1']);
  });

  test('connects without negotiation.', async () => {
    const client = await connect({ skipNegotiation: true, transport: HttpTransportType.WebSockets });
    expect(await client.invoke('Echo', 1)).toBe(1);
  });

  test('sees the message of a HubError.', async () => {
    const client = await connect();
    await expect(client.invoke('Refuse')).rejects.toThrow('token_required: say who you are');
    expect(server.errors).toEqual([]);
  });

  test('learns nothing of what else a method throws, nor of a result that is not JSON; onError does.', async () => {
    const client = await connect();
    await expect(client.invoke('Fail')).rejects.toThrow(/^'Fail' failed on the server\.$/);
    await expect(client.invoke('Bigint')).rejects.toThrow(/^'Bigint' failed on the server\.$/);
    expect(server.errors).toEqual([
      ['Fail', new Error('password=hunter2 at /etc/secret')],
      ['Bigint', expect.any(TypeError)],
    ]);
    expect(await client.invoke('Echo', 1)).toBe(1);
  });

  test.each(['Nope', 'constructor', '__proto__', 'toString'])('cannot call %s.', async (target) => {
    const client = await connect();
    await expect(client.invoke(target)).rejects.toThrow(`'${target}' is not a method.`);
  });

  test('sends without waiting for an answer, errors included.', async () => {
    const client = await connect();
    await client.send('Hear', 'one');
    await client.send('Fail');
    await client.send('Nope');
    await client.send('Hear', 'two');
    await client.invoke('Nothing');
    expect(server.heard).toEqual(['one', 'two']);
  });

  test('gets every answer of many calls made at once.', async () => {
    const client = await connect();
    const values = Array.from({ length: 80 }, (_, i) => `${i} ${'x'.repeat(1000)}`);
    expect(await Promise.all(values.map((value) => client.invoke('Echo', value)))).toEqual(values);
  });

  test('gets broadcasts in order, as do all others; each connection has a state of its own.', async () => {
    const several = await Promise.all([connect(), connect(), connect()]);
    const got = several.map((client) => ticks(client, 50));
    for (let n = 0; n < 50; n++) server.hub.send('tick', [n]);
    const expected = Array.from({ length: 50 }, (_, n) => n);
    expect(await Promise.all(got)).toEqual([expected, expected, expected]);
    expect(server.hub.connections).toBe(3);
    expect(await several[0]?.invoke('Count')).toBe(1);
    expect(await several[0]?.invoke('Count')).toBe(2);
    expect(await several[1]?.invoke('Count')).toBe(1);
  });

  test('is refused streams in either direction, and stays connected.', async () => {
    const client = await connect();
    const streamed = new Promise((resolve) => {
      client
        .stream('Echo', 1)
        .subscribe({ next: () => {}, error: resolve, complete: () => resolve('complete') });
    });
    expect(String(await streamed)).toContain('Streams are not supported.');
    const upload = new Subject<number>();
    const sent = client.invoke('Hear', upload);
    upload.next(1);
    upload.complete();
    await expect(sent).rejects.toThrow('Streams are not supported.');
    expect(server.heard).toEqual([]);
    expect(await client.invoke('Echo', 1)).toBe(1);
  });

  test('reconnects by itself to the server that comes after a restart on the same port.', async () => {
    const client = await connect();
    const reconnecting = new Promise<Error | undefined>((resolve) => client.onreconnecting(resolve));
    const reconnected = new Promise((resolve) => client.onreconnected(resolve));
    const before = client.connectionId;
    await server.stop();
    expect(await reconnecting).toBeUndefined();
    server = await startHub({}, server.port);
    expect(await reconnected).toBe(client.connectionId);
    expect(client.connectionId).not.toBe(before);
    const got = ticks(client, 1);
    server.hub.send('tick', [7]);
    expect(await got).toEqual([7]);
    expect(await client.invoke('Echo', 1)).toBe(1);
  });

  test('stops, and the hub forgets it.', async () => {
    const client = await connect();
    expect(server.hub.connections).toBe(1);
    await client.stop();
    await expect.poll(() => server.hub.connections).toBe(0);
    server.hub.send('tick', [1]);
  });

  test('is told when the server is full, and gets in when there is room.', async () => {
    await server.stop();
    server = await startHub({ maxConnections: 1 });
    const first = await connect();
    const second = build();
    await expect(second.start()).rejects.toThrow('The server takes no more connections at the moment.');
    await expect(
      connect({ skipNegotiation: true, transport: HttpTransportType.WebSockets }),
    ).rejects.toThrow();
    await first.stop();
    await expect.poll(() => server.hub.connections).toBe(0);
    await second.start();
    expect(await second.invoke('Echo', 1)).toBe(1);
  });

  test('gets three quarters of the places at most from one address; the others are for others.', async () => {
    await server.stop();
    server = await startHub({ maxConnections: 4 });
    await Promise.all([connect(), connect(), connect()]);
    await expect(build().start()).rejects.toThrow('hub_full: ');
    expect(server.hub.refusal(null, '127.0.0.1')).toBe(503);
    expect(server.hub.refusal(null, '192.0.2.7')).toBeUndefined();
    expect(server.hub.negotiate(1, '192.0.2.7')).toHaveProperty('connectionToken');
  });
});
