import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient, startHub, type TestHub } from './testing.ts';

/** Whatever a client sends, it harms nobody but itself: `bystander` is connected all the while. */
let server: TestHub;
let bystander: RawClient;
beforeEach(async () => {
  server = await startHub();
  bystander = await RawClient.connect(server.url);
});
afterEach(() => server.stop());

const NOT_JSON = 'A message is not valid JSON.';
const NO_OBJECT = 'A message is not a JSON object.';
const BAD_ID = 'An invocationId is not a non-empty string.';
const NO_TARGET = 'An invocation has no target.';
const NO_ARGUMENTS = 'An invocation has no arguments.';
const NO_TYPE = 'A message has no type.';

test.each([
  ['', NOT_JSON],
  ['{', NOT_JSON],
  ['{"type":1', NOT_JSON],
  ['{"type":6}{"type":6}', NOT_JSON],
  ["{'type':6}", NOT_JSON],
  ['{"type":NaN}', NOT_JSON],
  ['\ufeff{"type":6}', NOT_JSON],
  ['\u0000', NOT_JSON],
  ['['.repeat(30_000), NOT_JSON],
  ['null', NO_OBJECT],
  ['6', NO_OBJECT],
  ['"ping"', NO_OBJECT],
  ['[{"type":6}]', NO_OBJECT],
  [`${'['.repeat(16_000)}${']'.repeat(16_000)}`, NO_OBJECT],
  ['{}', NO_TYPE],
  ['{"type":"6"}', NO_TYPE],
  ['{"type":null}', NO_TYPE],
  ['{"Type":6}', NO_TYPE],
  ['{"protocol":"json","version":1}', NO_TYPE],
  ['{"type":1}', NO_TARGET],
  ['{"type":1,"target":null,"arguments":[]}', NO_TARGET],
  ['{"type":1,"target":["Hear"],"arguments":[]}', NO_TARGET],
  ['{"type":1,"target":"Hear"}', NO_ARGUMENTS],
  ['{"type":1,"target":"Hear","arguments":null}', NO_ARGUMENTS],
  ['{"type":1,"target":"Hear","arguments":{"length":1}}', NO_ARGUMENTS],
  ['{"type":1,"target":"Hear","arguments":"x"}', NO_ARGUMENTS],
  ['{"type":1,"invocationId":1,"target":"Hear","arguments":[]}', BAD_ID],
  ['{"type":1,"invocationId":"","target":"Hear","arguments":[]}', BAD_ID],
  ['{"type":1,"invocationId":{},"target":"Hear","arguments":[]}', BAD_ID],
  ['{"type":4,"target":"Hear","arguments":[]}', BAD_ID],
  ['{"type":2,"item":1}', BAD_ID],
  ['{"type":3}', BAD_ID],
  ['{"type":5}', BAD_ID],
])(
  'The record %.60j closes its connection, which says why; what came after it is not run.',
  async (record, error) => {
    const client = await RawClient.connect(server.url);
    client.socket.send(`${record}\x1e{"type":1,"target":"Hear","arguments":["after"]}\x1e`);
    expect(await client.next()).toEqual({ type: 7, error, allowReconnect: false });
    expect(await client.closed).toEqual({ code: 1002, reason: error });
    expect(server.heard).toEqual([]);
    expect(await bystander.works()).toBe(true);
  },
);

test('A record that is too large closes its connection, in one frame or in many.', async () => {
  const error = 'A message is larger than 32768 bytes.';
  for (const size of [40_000, 1000]) {
    const client = await RawClient.connect(server.url);
    for (let sent = 0; sent < 40_000; sent += size) client.socket.send('x'.repeat(size));
    expect(await client.next()).toEqual({ type: 7, error, allowReconnect: false });
    expect(await client.closed).toEqual({ code: 1009, reason: error });
  }
  expect(await bystander.works()).toBe(true);
});

test('A frame that is too large is not even read.', async () => {
  const client = await RawClient.connect(server.url);
  client.socket.send('x'.repeat(200_000));
  // Without our reason: it is the WebSocket library that stops reading.
  expect(await client.closed).toEqual({ code: 1009, reason: '' });
  expect(await bystander.works()).toBe(true);
});

test('A binary frame that is not UTF-8 closes its connection, before the handshake too.', async () => {
  const error = 'A message is not UTF-8.';
  for (const bytes of [
    [0xff, 0x1e],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
  ]) {
    const client = await RawClient.connect(server.url);
    client.socket.send(Buffer.from(bytes));
    expect(await client.next()).toEqual({ type: 7, error, allowReconnect: false });
    expect(await client.closed).toEqual({ code: 1007, reason: error });
    const early = await RawClient.open(server.url);
    early.socket.send(Buffer.from(bytes));
    expect(await early.next()).toEqual({ error });
  }
  expect(await bystander.works()).toBe(true);
});

test('MessagePack, of which this hub speaks nothing, closes its connection.', async () => {
  const client = await RawClient.connect(server.url);
  client.socket.send(Buffer.from([0x02, 0x91, 0x06]));
  client.socket.send(Buffer.from([0x1e]));
  expect((await client.closed).code).toBeGreaterThanOrEqual(1002);
  expect(await bystander.works()).toBe(true);
});

test('Text that is not UTF-8 closes its connection.', async () => {
  const client = await RawClient.connect(server.url);
  client.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
  expect((await client.closed).code).toBe(1007);
  expect(await bystander.works()).toBe(true);
});

test('As many arguments as fit into a message do no harm, and are counted.', async () => {
  const client = await RawClient.connect(server.url);
  client.send({
    type: 1,
    invocationId: '1',
    target: 'Echo',
    arguments: Array.from({ length: 16_000 }, () => 0),
  });
  expect(await client.next()).toMatchObject({
    invocationId: '1',
    error: expect.stringContaining('provides 16000 argument(s)'),
  });
  expect(await client.works()).toBe(true);
});

/** Always the same numbers, so that a failure can be looked at again. */
function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('400 frames of chance, whole or bitten out of good ones, disturb nobody.', async () => {
  const random = seededRandom(20_261);
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random(256)));
  const good = [
    '{"type":1,"invocationId":"1","target":"Echo","arguments":[{"a":[1,2,"x"]}]}\x1e',
    '{"type":6}\x1e{"type":5,"invocationId":"1"}\x1e',
    '{"type":4,"invocationId":"2","target":"Fail","arguments":[],"streamIds":["1"]}\x1e',
  ];
  let client = await RawClient.connect(server.url);
  for (let i = 0; i < 400; i++) {
    if (client.socket.readyState !== client.socket.OPEN) {
      client = await (random(4) === 0 ? RawClient.open(server.url) : RawClient.connect(server.url));
    }
    let frame = bytes(random(200));
    if (random(3) > 0) {
      frame = Buffer.from(good[random(good.length)] ?? '');
      for (let bites = random(4); bites > 0; bites--) frame[random(frame.length)] = random(128);
    }
    client.socket.send(frame, { binary: random(10) === 0 });
    if (i % 4 === 0) expect(await bystander.works()).toBe(true);
  }
  client.socket.terminate();
  await expect.poll(() => server.hub.connections).toBe(1);
  expect(await bystander.works()).toBe(true);
});

test('200 connections that speak no WebSocket at all after the upgrade disturb nobody.', async () => {
  const random = seededRandom(7);
  for (let i = 0; i < 200; i++) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `GET /hub HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    socket.write(Buffer.from(Array.from({ length: 1 + random(300) }, () => random(256))));
    await once(socket, 'data');
    socket.destroy();
    if (i % 20 === 0) expect(await bystander.works()).toBe(true);
  }
  await expect.poll(() => server.hub.connections).toBe(1);
  expect(await bystander.works()).toBe(true);
});
