import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { node, recorder, refusal, testRun } from '../database/recorder.testing.ts';
import type { Query, Row } from '../database/sql.ts';
import { replicationScript } from '../replication.ts';
import { type ReplicationInputs, replicate } from '../steps/replicate.ts';
import { replicationProvider } from './replication-provider.ts';

const ZONES = 'SHOW ALL ZONE CONFIGURATIONS';
const RANGES = 'SHOW CLUSTER RANGES';

const inputs = (replicationFactor: number, nodes: number): ReplicationInputs => ({
  address: { context: '', namespace: 'crdb' },
  replicationFactor,
  nodes,
  ...replicationScript(replicationFactor),
});
const pods = (count: number, metrics = {}) =>
  [...Array(count).keys()].map((i) => node(`crdb-${i}`, count, metrics));
const ranges = (...copies: [string, string][]): Row[] =>
  copies.map(([voting_replicas, non_voting_replicas], id) => ({
    range_id: `${id}`,
    voting_replicas,
    non_voting_replicas,
  }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function outcome<T>(promise: Promise<T>): Promise<T | Error> {
  const settled = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return settled;
}

describe('replicate', () => {
  it('sets the zones of the file, then every other zone that differs, reads back, and waits for the ranges', async () => {
    const stray = 'ALTER TABLE system.public.jobs CONFIGURE ZONE USING num_replicas = 2, num_voters = 1';
    let stepped = false;
    const database = recorder(
      ({ text }: Query) => {
        stepped ||= text === stray;
        if (text === ZONES)
          return [
            {
              target: 'TABLE system.public.jobs',
              raw_config_sql: `ALTER TABLE system.public.jobs CONFIGURE ZONE USING\n\tnum_replicas = ${stepped ? 2 : 5},\n\tnum_voters = ${stepped ? 1 : 5}`,
            },
          ];
        return text === RANGES ? ranges(['{1}', '{2}'], ['{2}', '{1}']) : undefined;
      },
      () => pods(2),
    );
    const run = testRun();
    const result = await outcome(replicate(inputs(2, 2), database, run));
    const script = replicationScript(2).statements;
    expect(database.texts()).toEqual([...script, ZONES, stray, ZONES, RANGES, RANGES, RANGES]);
    expect(result).toMatchObject({ voters: 1, ranges: 2, replicationFactor: 2 });
    expect(run.said).toContain('All 2 ranges have 2 copies, 1 of them voting, after 4 s.');
  });

  it('fails when a zone does not take its numbers', async () => {
    const stubborn = [
      { target: 'RANGE meta', raw_config_sql: 'ALTER RANGE meta CONFIGURE ZONE USING\n\tnum_replicas = 5' },
    ];
    const database = recorder(
      ({ text }) => (text === ZONES ? stubborn : undefined),
      () => pods(3),
    );
    expect(await outcome(replicate(inputs(3, 3), database, testRun()))).toMatchObject({
      message: expect.stringContaining('still to do: ALTER RANGE meta'),
    });
  });

  it('changes nothing while a node is away', async () => {
    const database = recorder(undefined, () => [node('crdb-0', 2), { ...node('crdb-1', 2), ready: false }]);
    expect(await outcome(replicate(inputs(2, 2), database, testRun()))).toMatchObject({
      message: expect.stringMatching(/^No 2 live nodes after 300 s. Seen last: crdb-1 is not ready for SQL/),
    });
    expect(database.sent).toEqual([]);
  });

  it('names the file and the line of a statement that is refused', async () => {
    const database = recorder(
      ({ text }) =>
        text.includes('RANGE meta') ? refusal('23514', 'at least 3 replicas are required') : undefined,
      () => pods(2),
    );
    expect(await outcome(replicate(inputs(2, 2), database, testRun()))).toMatchObject({
      message: expect.stringMatching(
        /^sql\/11-phase1-rf2\.sql:12: at least 3 replicas are required \(SQLSTATE 23514\)/,
      ),
    });
  });

  it('does not take the metrics of the old state for the new one: the replicas are counted, several times', async () => {
    let looks = 0;
    const lagging = ranges(['{1}', '{}'], ['{1}', '{2}']);
    const right = ranges(['{1}', '{2}'], ['{1}', '{2}']);
    const database = recorder(
      ({ text }) => {
        if (text !== RANGES) return undefined;
        looks++;
        return looks === 3 ? lagging : right;
      },
      () => pods(2),
    );
    await outcome(replicate(inputs(2, 2), database, testRun()));
    // Right twice, wrong once, then right three times in a row.
    expect(looks).toBe(6);
  });

  it('does not count the replicas while the metrics say that ranges are left, and says how many', async () => {
    let looks = 0;
    const database = recorder(
      ({ text }) => (text === RANGES ? ranges(['{1,2,3}', '{}']) : undefined),
      () => pods(3, { ranges_underreplicated: looks++ < 4 ? 2 : 0 }),
    );
    const run = testRun();
    await outcome(replicate(inputs(3, 3), database, run));
    expect(run.said[0]).toBe('Waiting for 3 copies of every range, 4 s: of 30 ranges, 6 underreplicated');
    expect(database.texts().filter((text) => text === RANGES)).toHaveLength(3);
  });

  it('gives up with the number that is left', async () => {
    const database = recorder(undefined, () => pods(3, { ranges_unavailable: 1 }));
    expect(await outcome(replicate(inputs(3, 3), database, testRun()))).toMatchObject({
      message: expect.stringMatching(
        /^No 3 copies of every range after 1800 s. Seen last: of 30 ranges, 3 unavailable/,
      ),
    });
  });
});

describe('the provider', () => {
  const reasons = async (olds: Partial<ReplicationInputs>, news: ReplicationInputs) =>
    (await replicationProvider.check?.(olds, news))?.failures?.map(({ reason }) => reason);

  it('refuses a lower factor, an impossible one, and one above the nodes', async () => {
    expect(await reasons({ replicationFactor: 3 }, inputs(2, 3))).toEqual([
      expect.stringContaining('only ever grows'),
    ]);
    expect(await reasons({}, { ...inputs(3, 9), replicationFactor: 4 })).toEqual([
      expect.stringContaining('not one of'),
    ]);
    expect(await reasons({}, inputs(3, 2))).toEqual(['3 copies need 3 nodes, and there are 2']);
    expect(await reasons({ replicationFactor: 2 }, inputs(3, 3))).toEqual([]);
  });

  it('sees a change of the factor, the nodes or a statement, and in nothing else', async () => {
    const state = { ...inputs(2, 2), voters: 1, ranges: 40, seconds: 9, __provider: 'old code' };
    const changed = async (news: object) =>
      (await replicationProvider.diff?.('replication', state, news))?.changes;
    const same = { ...inputs(2, 2), lines: '1 2 3 4 5', file: 'renamed.sql', __provider: 'new code' };
    expect(await changed(same)).toBe(false);
    expect(await changed({ ...same, address: { context: 'kind-demo', namespace: 'crdb' } })).toBe(false);
    expect(await changed(inputs(3, 3))).toBe(true);
    expect(await changed(inputs(2, 3))).toBe(true);
    expect(await changed({ ...same, statements: same.statements.slice(1) })).toBe(true);
    const moved = await replicationProvider.diff?.('x', state, {
      ...same,
      address: { context: '', namespace: 'other' },
    });
    expect(moved).toEqual({ changes: true, replaces: ['address'] });
  });
});
