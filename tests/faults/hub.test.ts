import { once } from 'node:events';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../app/src/config.ts';
import { RawClient } from '../../app/src/hub/testing.ts';
import { type Service, startService } from '../../app/src/service.ts';
import { cases, SEED, seeded } from '../support/random.ts';
import { settings, startDatabase, type TestDatabase } from '../support/sample-app.ts';
import { figures } from './figures.ts';
import { type Conversation, conversation } from './hub-frames.ts';

const CASES = cases(300, 6000);
const AT_ONCE = 20;
/** Of the hub with nothing else set: of its 200 places, what one address gets. */
const MOST_CONNECTIONS = 150;
const CLOSE_CODES = [1000, 1002, 1003, 1007, 1009, 1013];

let test: TestDatabase;
let service: Service;
let url: string;
/** What the app logged as an error: there is none that a client may cause. */
const errors: string[] = [];

beforeAll(async () => {
  test = await startDatabase();
  const config = readConfig(settings(test, { APP_SPIKE_MAX_SECONDS: '1', APP_SPIKE_MAX_RPS: '1' }));
  service = await startService(config, pino({ level: 'error' }, { write: (line) => void errors.push(line) }));
  url = `http://127.0.0.1:${service.port}/hub`;
});
afterAll(async () => {
  await service?.stop();
  await test?.remove();
});

/** Answers to calls as they come, past what the hub sends to everybody. */
async function answered(client: RawClient, ids: readonly string[]): Promise<string | undefined> {
  const waiting = new Set(ids);
  while (waiting.size > 0) {
    const record = await Promise.race([client.next(), client.closed.then(() => undefined)]);
    if (record === undefined) return `closed while ${[...waiting]} were waiting`;
    const { type, invocationId, error } = record as { type: number; invocationId?: string; error?: string };
    if (type === 7) return `closed: ${error}`;
    if (type !== 3 || invocationId === undefined) continue;
    if (error?.includes('failed on the server')) return `call ${invocationId} failed on the server`;
    if (!waiting.delete(invocationId)) return `${invocationId} was answered twice, or was not asked`;
  }
  return undefined;
}

/** What went wrong, if anything. */
async function converse({ frames, answers }: Conversation): Promise<string | undefined> {
  const client = await RawClient.connect(url);
  for (const frame of frames) client.socket.send(frame, { binary: Buffer.isBuffer(frame) });
  client.send(call('last'));
  try {
    if (answers !== undefined) return await answered(client, [...answers, 'last']);
    // What is broken closes the connection, with a code that says why, or it happens to mean something.
    const ended = await Promise.race([client.closed, lastAnswer(client)]);
    return ended === undefined || CLOSE_CODES.includes(ended.code) ? undefined : `closed with ${ended.code}`;
  } finally {
    await leave(client);
  }
}

/** Closes in order, so that the hub knows that the client is gone. */
async function leave(client: RawClient): Promise<void> {
  client.socket.close();
  await client.closed;
}

async function lastAnswer(client: RawClient): Promise<undefined> {
  while (((await client.next()) as { invocationId?: string }).invocationId !== 'last');
}

it(`answers or closes ${CASES} conversations, right and broken, without a mistake of its own`, async () => {
  const bystander = await RawClient.connect(url);
  const wrong: string[] = [];
  let broken = 0;
  let next = SEED;
  const worker = async () => {
    while (next < SEED + CASES) {
      const seed = next;
      next += 1;
      const case_ = conversation(seeded(seed));
      if (case_.answers === undefined) broken += 1;
      bystander.send({ type: 6 });
      const why = await converse(case_);
      if (why !== undefined) wrong.push(`${seed}: ${why}: ${JSON.stringify(case_.frames).slice(0, 500)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  figures('hub conversations', {
    cases: CASES,
    'of them broken': broken,
    seeds: `${SEED} to ${SEED + CASES - 1}`,
    wrong: wrong.length,
  });
  expect(wrong).toEqual([]);
  expect(errors).toEqual([]);
  bystander.send(call('bystander'));
  expect(await answered(bystander, ['bystander'])).toBeUndefined();
  await leave(bystander);
}, 1_200_000);

it('takes 150 of 500 connections that come at once from one address, refuses the others with 503, and takes others when those go', async () => {
  // Those of the test before are gone.
  await expect.poll(async () => (await negotiate()).error).toBeUndefined();
  for (let round = 0; round < cases(1, 5); round += 1) {
    const clients = Array.from({ length: 500 }, () => new RawClient(url));
    const outcomes = await Promise.all(clients.map(outcome));
    const opened = outcomes.filter((status) => status === 'open').length;
    expect(opened).toBeLessThanOrEqual(MOST_CONNECTIONS);
    // One that was just left may still have counted.
    expect(opened).toBeGreaterThan(MOST_CONNECTIONS - 20);
    expect(outcomes.filter((status) => status === 503)).toHaveLength(500 - opened);
    if (opened === MOST_CONNECTIONS)
      expect(await negotiate()).toEqual({
        error: 'hub_full: The server takes no more connections at the moment.',
      });
    const open = clients.filter((_, i) => outcomes[i] === 'open');
    for (const client of open) client.send({ protocol: 'json', version: 1 }, call('1'));
    expect(await Promise.all(open.map((client) => answered(client, ['1'])))).toEqual(
      open.map(() => undefined),
    );
    await Promise.all(open.map(leave));
    await expect.poll(async () => (await negotiate()).error).toBeUndefined();
  }
  expect(errors).toEqual([]);
}, 120_000);

// The hub's own test has a shorter one. Here the system's buffers have to be filled, some megabytes for each reader.
it.skipIf(process.env.FAULTS !== 'all')(
  'lets go of readers that do not read, and keeps those that do',
  async () => {
    const [MARKS, AT_A_TIME] = [80_000, 250];
    const mark = {
      type: 1,
      target: 'Command',
      arguments: ['mark', { kind: 'note', label: 'x'.repeat(100) }],
    };
    const quick = await RawClient.connect(url);
    const slow = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(url)));
    for (const client of slow) client.socket.pause();
    // A mark may not be missed: it waits for each reader.
    for (let sent = 0; sent < MARKS; sent += AT_A_TIME) {
      for (let i = 0; i < AT_A_TIME; i += 1) quick.send(mark);
      quick.send(call(`${sent}`));
      expect(await answered(quick, [`${sent}`])).toBeUndefined();
    }
    for (const client of slow) client.socket.resume();
    const ends = await Promise.all(slow.map(({ closed }) => closed));
    // Cut off without a reason when it did not even read that in time.
    for (const { code, reason } of ends) expect([1013, 1006], reason).toContain(code);
    for (const { records } of slow) expect(records.length).toBeLessThan(MARKS);
    quick.send(call('after'));
    expect(await answered(quick, ['after'])).toBeUndefined();
    figures('readers that do not read', {
      readers: slow.length,
      marks: MARKS,
      'read before they were let go': slow.map(({ records }) => records.length).join(', '),
      'closed with': ends.map(({ code }) => code).join(', '),
    });
    await leave(quick);
  },
  120_000,
);

const call = (invocationId: string) => ({ type: 1, invocationId, target: 'Authorize', arguments: ['x'] });

async function negotiate(): Promise<{ error?: string }> {
  return (await (await fetch(`${url}/negotiate?negotiateVersion=1`, { method: 'POST' })).json()) as {
    error?: string;
  };
}

/** `open`, or the HTTP status that the connection was refused with. */
function outcome(client: RawClient): Promise<'open' | number | undefined> {
  return Promise.race([
    once(client.socket, 'open').then(() => 'open' as const),
    once(client.socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode?: number }).statusCode,
    ),
  ]);
}
