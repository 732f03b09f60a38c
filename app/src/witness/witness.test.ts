import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Witness, type WitnessDatabase } from './witness.ts';

const ALLOWANCE_MS = 5000;

/** Keeps what it is given, as a correct database does; a test bends it where it wants to see the witness notice. */
class Memory implements WitnessDatabase {
  rows: number[] = [];
  reader: () => number[] = () => this.rows;
  fails: Error | undefined;

  async write(seq: number): Promise<void> {
    if (this.fails) throw this.fails;
    this.rows.push(seq);
  }
  async readFromReader(seqs: readonly number[]): Promise<number[]> {
    if (this.fails) throw this.fails;
    return this.reader().filter((seq) => seqs.includes(seq));
  }
  async readFromWriter(seqs: readonly number[]): Promise<number[]> {
    if (this.fails) throw this.fails;
    return this.rows.filter((seq) => seqs.includes(seq));
  }
  async removeBelow(seq: number): Promise<void> {
    this.rows = this.rows.filter((row) => row >= seq);
  }
}

describe('Witness', () => {
  let time: number;
  let database: Memory;
  let witness: Witness;
  let lost: number[];
  let gaps: { kind: string; startedAt: number; endedAt: number | null }[];

  beforeEach(() => {
    time = 0;
    lost = [];
    gaps = [];
    database = new Memory();
    witness = new Witness({
      database,
      rps: 4,
      allowanceMs: ALLOWANCE_MS,
      now: () => time,
      onLost: (seqs) => lost.push(...seqs),
      onGap: (gap) => gaps.push(gap),
    });
  });

  async function run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds * 4; i += 1) {
      time += 250;
      await witness.write();
      await witness.read();
    }
  }

  it('confirms every acknowledged write of a correct database, and accuses it of nothing', async () => {
    await run(60);
    await witness.audit();
    expect(witness.state).toMatchObject({
      writes: { sent: 240, failed: 0, longestGapMs: 250 },
      reads: { sent: 240, failed: 0 },
      confirmed: 240,
      unconfirmed: 0,
      lost: 0,
      duplicated: 0,
      stale: 0,
    });
  });

  it('finds a write that the database forgot, though it had been confirmed before', async () => {
    await run(10);
    database.rows = database.rows.filter((seq) => seq !== 7);
    expect(witness.state.confirmed).toBe(40);
    await witness.audit();
    expect(witness.state).toMatchObject({ confirmed: 39, unconfirmed: 0, lost: 1 });
    expect(lost).toEqual([7]);
    await witness.audit();
    expect(witness.state).toMatchObject({ confirmed: 39, lost: 1 });
  });

  it('finds through the reader alone that a write is gone, without waiting for the audit', async () => {
    await run(10);
    database.rows = database.rows.filter((seq) => seq !== 7);
    await run(1);
    expect(witness.state.lost).toBe(1);
    expect(witness.state.stale).toBe(0);
  });

  it('allows the reader to be a few seconds behind', async () => {
    const history: { at: number; rows: number[] }[] = [];
    database.reader = () => {
      history.push({ at: time, rows: [...database.rows] });
      return history.findLast((h) => h.at <= time - 4800)?.rows ?? [];
    };
    await run(60);
    expect(witness.state).toMatchObject({ lost: 0, stale: 0 });
    expect(witness.state.confirmed).toBeGreaterThan(200);
  });

  it('says stale, not lost, when the reader is further behind than allowed and the writer has the rows', async () => {
    database.reader = () => [];
    await run(20);
    expect(witness.state.lost).toBe(0);
    expect(witness.state.stale).toBeGreaterThan(0);
  });

  it('says stale also at a rate at which the newest writes are all younger than the allowance', async () => {
    database.reader = () => [];
    for (let i = 0; i < 1000; i += 1) {
      time += 10;
      await witness.write();
      await witness.read();
    }
    expect(witness.state).toMatchObject({ lost: 0, unconfirmed: 1000 - 500 });
    expect(witness.state.stale).toBeGreaterThan(0);
  });

  it('notices a write that the database has twice', async () => {
    await run(2);
    database.rows.push(3);
    await witness.audit();
    expect(witness.state.duplicated).toBe(1);
  });

  it('does not count a write that failed as acknowledged: it may be there or not', async () => {
    await run(1);
    database.fails = new Error('down');
    await run(3);
    database.fails = undefined;
    await run(1);
    await witness.audit();
    expect(witness.state).toMatchObject({ writes: { sent: 20, failed: 12 }, confirmed: 8, lost: 0 });
  });

  it('measures the gap of an outage for writes and reads, and marks its begin and its end', async () => {
    await run(2);
    database.fails = new Error('down');
    await run(5);
    expect(witness.state.writes.currentGapMs).toBe(5000);
    expect(gaps).toMatchObject([
      { kind: 'write', endedAt: null },
      { kind: 'read', endedAt: null },
    ]);
    database.fails = undefined;
    await run(1);
    expect(witness.state.writes).toMatchObject({ longestGapMs: 5250, currentGapMs: 0 });
    expect(gaps.map((gap) => [gap.kind, gap.endedAt === null])).toEqual([
      ['write', true],
      ['read', true],
      ['write', false],
      ['read', false],
    ]);
  });

  it('knows how long a gap was when the wall clock is set back in it', async () => {
    await run(2);
    database.fails = new Error('down');
    await run(5);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
    database.fails = undefined;
    await run(1);
    clock.mockRestore();
    const [, , write, read] = gaps;
    for (const gap of [write, read]) expect((gap?.endedAt ?? 0) - (gap?.startedAt ?? 0)).toBeCloseTo(5250, 0);
  });

  it('marks the end of an outage that stood longer than the witness had been asked', async () => {
    let answer: () => void = () => {};
    await run(1);
    database.write = () => new Promise((resolve) => (answer = resolve));
    time += 250;
    const write = witness.write();
    time += 3000;
    answer();
    await write;
    expect(gaps.filter((gap) => gap.kind === 'write')).toHaveLength(2);
    expect(witness.state.writes.longestGapMs).toBe(3250);
  });

  it('counts a gap that reaches over a phase change in both phases', async () => {
    await run(1);
    database.fails = new Error('down');
    await run(2);
    const before = witness.period;
    witness.startPeriod();
    await run(2);
    database.fails = undefined;
    await run(1);
    expect(before.writes).toMatchObject({ sent: 12, failed: 8, longestGapMs: 2000 });
    expect(witness.period.writes).toMatchObject({ sent: 12, failed: 8, longestGapMs: 4250 });
  });

  it('resets the longest gap with a phase or on request, and changes no period by the latter', async () => {
    await run(1);
    database.fails = new Error('down');
    await run(3);
    database.fails = undefined;
    await run(1);
    expect(witness.gap).toMatchObject({ writesMs: 3250, readsMs: 3250 });
    const { since } = witness.gap;
    witness.restartGap();
    await run(1);
    expect(witness.gap).toMatchObject({ writesMs: 250, readsMs: 250 });
    expect(witness.gap.since).toBeGreaterThanOrEqual(since);
    expect(witness.period.writes.longestGapMs).toBe(3250);
    expect(witness.state.writes.longestGapMs).toBe(3250);
    database.fails = new Error('down');
    await run(2);
    witness.startPeriod();
    // What is in progress then is not over.
    expect(witness.gap.writesMs).toBe(2000);
    database.fails = undefined;
    await run(1);
    witness.startPeriod();
    expect(witness.gap.writesMs).toBe(0);
  });

  it('says how long the database has not answered, once that is out of the ordinary', async () => {
    expect(witness.silence('write')).toBe(0);
    await run(1);
    database.fails = new Error('down');
    await run(1);
    expect(witness.silence('write')).toBe(0);
    await run(2);
    expect([witness.silence('write'), witness.silence('read')]).toEqual([3000, 3000]);
    database.fails = undefined;
    await run(1);
    expect(witness.silence('write')).toBe(0);
  });

  it('knows a database that has never answered', async () => {
    database.fails = new Error('down');
    await run(1);
    expect(witness.silence('write')).toBeNull();
    database.fails = undefined;
    await run(1);
    expect(witness.silence('write')).toBe(0);
  });

  it('does not pile up operations while the database hangs', async () => {
    database.write = () => new Promise(() => {});
    for (let i = 0; i < 1000; i += 1) {
      time += 250;
      void witness.write();
    }
    database.write = async () => {};
    await witness.write();
    expect(witness.state.writes.sent).toBe(0);
  });

  it('keeps the table bounded, and removes nothing that it did not confirm at the end', async () => {
    for (let minute = 0; minute < 30; minute += 1) {
      await run(60);
      await witness.audit();
    }
    expect(database.rows.length).toBeLessThanOrEqual(11 * 60 * 4);
    expect(witness.state).toMatchObject({ confirmed: 30 * 240, lost: 0 });
  });

  it('keeps rows that were acknowledged late, though newer ones may already go', async () => {
    let release: () => void = () => {};
    const write = database.write.bind(database);
    database.write = (seq) =>
      seq === 1 ? new Promise<void>((resolve) => (release = resolve)).then(() => write(seq)) : write(seq);
    time += 250;
    const first = witness.write();
    await run(5 * 60);
    release();
    await first;
    await run(6 * 60);
    await witness.audit();
    await run(1);
    await witness.audit();
    expect(witness.state).toMatchObject({ lost: 0 });
    expect(database.rows).toContain(1);
  });
});
