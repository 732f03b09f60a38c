import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HubOptions } from './hub.ts';
import { RawClient, startHub, type TestHub } from './testing.ts';

let server: TestHub;
beforeEach(() => restart({}));
afterEach(() => server.stop());

async function restart(options: Partial<HubOptions>): Promise<void> {
  await server?.stop();
  server = await startHub(options);
}

const echo = (invocationId: string, value: unknown) => ({
  type: 1,
  invocationId,
  target: 'Echo',
  arguments: [value],
});

describe('A handshake', () => {
  test.each([
    [
      'messagepack',
      '{"protocol":"messagepack","version":1}\x1e',
      "This server speaks the protocol 'json' in version 1 only.",
    ],
    [
      'a later version',
      '{"protocol":"json","version":2}\x1e',
      "This server speaks the protocol 'json' in version 1 only.",
    ],
    [
      'an invocation',
      '{"type":1,"target":"Hear","arguments":[1]}\x1e',
      'The first message must be a handshake.',
    ],
    ['no JSON', 'hello\x1e', 'A message is not valid JSON.'],
    ['an array', '[]\x1e', 'A message is not a JSON object.'],
    ['an empty record', '\x1e', 'A message is not valid JSON.'],
  ])('that is %s is answered with the reason, and the connection closed.', async (_name, text, error) => {
    const client = await RawClient.open(server.url);
    client.socket.send(text);
    expect(await client.next()).toEqual({ error });
    expect(await client.closed).toEqual({ code: 1002, reason: error });
    expect(client.records).toEqual([]);
    expect(server.heard).toEqual([]);
  });

  test('may come with the first calls, and is answered first.', async () => {
    const client = await RawClient.open(server.url);
    client.send({ protocol: 'json', version: 1 }, echo('1', 'a'), echo('2', 'b'));
    expect(await client.next()).toEqual({});
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', result: 'a' });
    expect(await client.next()).toEqual({ type: 3, invocationId: '2', result: 'b' });
  });

  test('is waited for until its time is over, however its bits drip in.', async () => {
    await restart({ handshakeTimeoutMs: 300 });
    const client = await RawClient.open(server.url);
    const drip = setInterval(() => client.socket.send(' '), 20);
    expect(await client.next()).toEqual({ error: 'The handshake did not come in time.' });
    expect(await client.closed).toMatchObject({ code: 1008 });
    clearInterval(drip);
  });

  test('comes before broadcasts.', async () => {
    const client = await RawClient.open(server.url);
    server.hub.send('tick', [1]);
    client.send({ protocol: 'json', version: 1 });
    expect(await client.next()).toEqual({});
    server.hub.send('tick', [2]);
    expect(await client.next()).toEqual({ type: 1, target: 'tick', arguments: [2] });
  });
});

describe('A connection', () => {
  test('takes several records in one frame, and one in several.', async () => {
    const client = await RawClient.connect(server.url);
    const text = ['1', '2', '3'].map((id) => `${JSON.stringify(echo(id, 'é'))}\x1e`).join('');
    client.socket.send(text);
    for (const character of text) client.socket.send(character);
    for (const invocationId of ['1', '2', '3', '1', '2', '3']) {
      expect(await client.next()).toEqual({ type: 3, invocationId, result: 'é' });
    }
  });

  test('takes binary frames as it takes text, cut within a character too, and answers in text.', async () => {
    const client = await RawClient.open(server.url);
    const kinds: boolean[] = [];
    client.socket.on('message', (_data, isBinary) => kinds.push(isBinary));
    client.socket.send(Buffer.from('{"protocol":"json","version":1}\x1e'));
    expect(await client.next()).toEqual({});
    const bytes = Buffer.from(`${JSON.stringify(echo('1', 'é\u{1f9ea}'))}\x1e{"type":6}\x1e`);
    for (const byte of bytes) client.socket.send(Buffer.from([byte]));
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', result: 'é\u{1f9ea}' });
    client.send(echo('2', 'text'));
    expect(await client.next()).toEqual({ type: 3, invocationId: '2', result: 'text' });
    server.hub.send('tick', [1]);
    expect(await client.next()).toEqual({ type: 1, target: 'tick', arguments: [1] });
    expect(kinds).toEqual([false, false, false, false]);
  });

  test.each(['Echo', 'echo', 'ECHO', 'eChO'])('finds the method that is called %s.', async (target) => {
    const client = await RawClient.connect(server.url);
    client.send({ ...echo('1', 'a'), target });
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', result: 'a' });
  });

  test.each(['Nope', '', 'toString', '__proto__', 'constructor'])(
    'answers that there is no method %j.',
    async (target) => {
      const client = await RawClient.connect(server.url);
      client.send({ ...echo('1', 'a'), target });
      expect(await client.next()).toEqual({
        type: 3,
        invocationId: '1',
        error: `'${target}' is not a method.`,
      });
      expect(await client.works()).toBe(true);
    },
  );

  test.each([
    ['echo', ['a', 'b'], 2, 1],
    ['Nothing', [null], 1, 0],
    ['Fail', [1, 2, 3], 3, 0],
  ])('refuses surplus arguments of %s in the words of ASP.NET.', async (target, args, given, expected) => {
    const client = await RawClient.connect(server.url);
    client.send({ type: 1, invocationId: '1', target, arguments: args });
    const error = `Failed to invoke '${target}' due to an error on the server. InvalidDataException: Invocation provides ${given} argument(s) but target expects ${expected}.`;
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', error });
    client.send({ type: 1, target, arguments: args });
    expect(await client.works()).toBe(true);
    expect(server.errors).toEqual([]);
  });

  test('passes over pings, cancellations, items of streams, acknowledgements and types yet unknown.', async () => {
    const client = await RawClient.connect(server.url);
    client.send({ type: 6 }, { type: 5, invocationId: 'x' }, { type: 2, invocationId: 'x', item: 1 });
    client.send(
      { type: 3, invocationId: 'x' },
      { type: 8, sequenceId: 1 },
      { type: 9, sequenceId: 1 },
      { type: 1000 },
    );
    expect(await client.works()).toBe(true);
  });

  test('answers a cancelled call all the same.', async () => {
    const client = await RawClient.connect(server.url);
    client.send(echo('1', 'a'), { type: 5, invocationId: '1' });
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', result: 'a' });
  });

  test('answers no non-blocking call.', async () => {
    const client = await RawClient.connect(server.url);
    for (const target of ['Hear', 'Nope', 'Fail', 'Refuse'])
      client.send({ type: 1, target, arguments: ['x'] });
    client.send(echo('1', 'a'));
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', result: 'a' });
    expect(server.heard).toEqual(['x']);
  });

  test('runs so many calls at a time and no more, in the order in which they came.', async () => {
    let release = (_value: string) => {};
    const gate = new Promise<string>((resolve) => {
      release = resolve;
    });
    await restart({ maxPendingInvocations: 2, methods: { Wait: () => gate } });
    const client = await RawClient.connect(server.url);
    client.send(
      ...['1', '2', '3'].map((invocationId) => ({ type: 1, invocationId, target: 'Wait', arguments: [] })),
    );
    expect(await client.next()).toMatchObject({
      invocationId: '3',
      error: expect.stringContaining('More than 2 calls'),
    });
    release('done');
    expect(await client.next()).toEqual({ type: 3, invocationId: '1', result: 'done' });
    expect(await client.next()).toEqual({ type: 3, invocationId: '2', result: 'done' });
    expect(await client.works()).toBe(true);
  });

  test('ends without a message when the client says Close.', async () => {
    const client = await RawClient.connect(server.url);
    client.send({ type: 7 }, { type: 1, target: 'Hear', arguments: ['after the end'] });
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
    expect(client.records).toEqual([]);
    expect(server.heard).toEqual([]);
  });

  test('may send Close to all, with leave to reconnect.', async () => {
    const [client, early] = [await RawClient.connect(server.url), await RawClient.open(server.url)];
    await server.hub.close();
    expect(await client.next()).toEqual({ type: 7, allowReconnect: true });
    expect(await client.closed).toEqual({ code: 1001, reason: '' });
    expect(await early.next()).toEqual({ error: 'The server is closing.' });
    expect(server.hub.connections).toBe(0);
  });
});

describe('Time', () => {
  test('brings pings while nothing else is sent, and they keep coming.', async () => {
    await restart({ keepAliveMs: 20 });
    const client = await RawClient.connect(server.url);
    for (let i = 0; i < 3; i++) expect(await client.next()).toEqual({ type: 6 });
    expect(await client.works()).toBe(true);
    expect(await client.next()).toEqual({ type: 6 });
  });

  test('ends a connection whose client fell silent, and spares one that pings.', async () => {
    await restart({ clientTimeoutMs: 1000 });
    const [silent, alive] = [await RawClient.connect(server.url), await RawClient.connect(server.url)];
    const pings = setInterval(() => alive.send({ type: 6 }), 20);
    expect(await silent.next()).toEqual({
      type: 7,
      error: 'The client sent nothing for too long.',
      allowReconnect: true,
    });
    expect(await silent.closed).toMatchObject({ code: 1008 });
    expect(await alive.works()).toBe(true);
    clearInterval(pings);
  });

  test('ends a connection whose client does not answer that it closes.', async () => {
    await restart({ closeTimeoutMs: 50 });
    const client = await RawClient.connect(server.url);
    client.socket.pause();
    await server.hub.close();
    expect(server.hub.connections).toBe(0);
    client.socket.terminate();
  });
});

test('A connection leaves no timer behind.', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(server.url)));
  expect(timers()).toBeGreaterThanOrEqual(before + 20);
  for (const client of clients) client.socket.close();
  await expect.poll(() => server.hub.connections).toBe(0);
  expect(timers()).toBeLessThan(before + 10);
});
