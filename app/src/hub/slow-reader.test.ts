import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RawClient, startHub, type TestHub } from './testing.ts';

let server: TestHub;
beforeEach(async () => {
  server = await startHub();
});
afterEach(() => server.stop());

describe('A slow reader', () => {
  const padding = 'x'.repeat(100_000);
  const COUNT = 500;

  test('misses what may be dropped, and stays.', async () => {
    const client = await RawClient.connect(server.url);
    client.socket.pause();
    for (let n = 0; n < COUNT; n++) server.hub.send('tick', [n, padding], { droppable: true });
    client.socket.resume();
    expect(await client.next()).toMatchObject({ arguments: [0, padding] });
    expect(await client.works()).toBe(true);
    expect(client.records.length).toBeLessThan(COUNT / 2);
    server.hub.send('tick', [COUNT], { droppable: true });
    while (((await client.next()) as { arguments: unknown[] }).arguments[0] !== COUNT);
  });

  test('is let go when too much waits that may not be dropped; the others get all.', async () => {
    const [slow, quick] = [await RawClient.connect(server.url), await RawClient.connect(server.url)];
    slow.socket.pause();
    for (let n = 0; n < COUNT; n++) {
      server.hub.send('tick', [n, padding]);
      expect(await quick.next()).toMatchObject({ arguments: [n, padding] });
    }
    slow.socket.resume();
    expect(await slow.closed).toMatchObject({ code: 1013, reason: 'The client reads too slowly.' });
    expect(JSON.parse(slow.records.pop() ?? '')).toEqual({
      type: 7,
      error: 'The client reads too slowly.',
      allowReconnect: true,
    });
    expect(slow.records.length).toBeLessThan(COUNT / 2);
    expect(await quick.works()).toBe(true);
  });

  test('gets a single message that is larger than the bound.', async () => {
    await server.stop();
    server = await startHub({ maxQueuedBytes: 1000 });
    const client = await RawClient.connect(server.url);
    server.hub.send('tick', [1, padding]);
    expect(await client.next()).toMatchObject({ arguments: [1, padding] });
  });
});
