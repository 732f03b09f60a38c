import { describe, expect, it } from 'vitest';
import type { PeriodReport, Report, SpikeResult } from '../../../app/src/contract.ts';
import { judge, outcomeTable } from './outcome.ts';

const NO_LATENCY = { p50: null, p95: null, p99: null };

function period(phase: string | null, changes: Partial<PeriodReport> = {}): PeriodReport {
  const stream = { sent: 40, failed: 0, longestGapMs: 251.4 };
  return {
    phase,
    startedAt: 1_000,
    endedAt: 11_040,
    requests: {
      login: { requests: 100, errors: 0, latency: NO_LATENCY },
      search: { requests: 300, errors: 0, latency: NO_LATENCY },
    },
    spikes: [],
    witness: { writes: stream, reads: stream, confirmed: 40, lost: 0, duplicated: 0, stale: 0 },
    ...changes,
  };
}

function report(...periods: PeriodReport[]): Report {
  const stream = { sent: 80, failed: 0, currentGapMs: 10, longestGapMs: 300 };
  const witness = {
    writes: stream,
    reads: stream,
    confirmed: 80,
    unconfirmed: 1,
    lost: 0,
    duplicated: 0,
    stale: 0,
  };
  return { at: 21_000, periods, witness };
}

function spike(changes: Partial<SpikeResult> = {}): SpikeResult {
  const results = { seconds: 5, targetRps: 200, achievedRps: 199.96, sent: 1000, failed: 0 };
  return { startedAt: 2_000, ...results, latency: { p50: 2, p95: 5, p99: 9.6 }, stopped: false, ...changes };
}

describe('judge', () => {
  it('is content when nothing failed and nothing was lost', () => {
    const outcome = judge(report(period('phase0', { spikes: [spike()] })), ['phase0']);
    expect(outcome).toMatchObject({ ok: true, problems: [] });
    expect(outcome.phases[0]).toMatchObject({
      phase: 'phase0',
      seconds: 10,
      requests: 400,
      errors: 0,
      spikes: [{ targetRps: 200, achievedRps: 200, sent: 1000, failed: 0 }],
      longestWriteGapMs: 251,
      longestReadGapMs: 251,
      lost: 0,
    });
  });

  it('accepts a rehearsal that was left before anything was measured, but still reports losses', () => {
    const { requests, witness } = period('phase0');
    const nothing = {
      login: { ...requests.login, requests: 0 },
      search: { ...requests.search, requests: 0 },
    };
    const early = report(period('phase0', { requests: nothing }));
    expect(judge(early, ['phase0']).problems).toEqual(['phase0: no request was measured']);
    expect(judge(early, ['phase0', 'phase1'], false)).toMatchObject({ ok: true, problems: [] });
    const lost = report(period('phase0', { requests: nothing, witness: { ...witness, lost: 2 } }));
    expect(judge(lost, ['phase0'], false).problems).toEqual(['phase0: 2 acknowledged writes are lost']);
  });

  it('counts apart what failed while a node was killed on purpose, but not what was lost', () => {
    const { requests, witness } = period('phase0');
    const failing = {
      requests: { ...requests, login: { requests: 100, errors: 60, latency: NO_LATENCY } },
      witness: { ...witness, writes: { sent: 40, failed: 9, longestGapMs: 9000 } },
    };
    const killed = period('phase0, n1 killed', failing);
    const outcome = judge(report(period('phase0'), killed, period('phase0')), ['phase0']);
    expect(outcome).toMatchObject({ ok: true, problems: [] });
    // The phase continues after it: one row, without the effects of the kill.
    expect(
      outcome.phases.map(({ phase, requests, errors, seconds }) => [phase, requests, errors, seconds]),
    ).toEqual([
      ['phase0', 800, 0, 20],
      ['phase0, n1 killed', 400, 60, 10],
    ]);
    const lost = period('phase0, n1 killed', { ...failing, witness: { ...failing.witness, lost: 2 } });
    expect(judge(report(period('phase0'), lost), ['phase0']).problems).toEqual([
      'phase0, n1 killed: 2 acknowledged writes are lost',
    ]);
  });

  const ok = period('phase0');
  it.each<[string, Partial<PeriodReport>, string]>([
    [
      'a request',
      { requests: { ...ok.requests, login: { requests: 100, errors: 3, latency: NO_LATENCY } } },
      'phase0: 3 of 400 requests failed',
    ],
    [
      'a request of a spike',
      { spikes: [spike({ failed: 2 }), spike()] },
      'phase0: 2 of 2000 requests of the spike failed',
    ],
    [
      'a write of the witness',
      { witness: { ...ok.witness, writes: { sent: 40, failed: 1, longestGapMs: 0 } } },
      'phase0: 1 of 80 writes and reads of the witness failed',
    ],
    [
      'an acknowledged write is lost',
      { witness: { ...ok.witness, lost: 1 } },
      'phase0: 1 acknowledged write is lost',
    ],
    [
      'a write is there twice',
      { witness: { ...ok.witness, duplicated: 1 } },
      'phase0: 1 acknowledged write is stored more than once',
    ],
    [
      'nothing was measured',
      {
        requests: {
          login: { requests: 0, errors: 0, latency: NO_LATENCY },
          search: { requests: 0, errors: 0, latency: NO_LATENCY },
        },
      },
      'phase0: no request was measured',
    ],
  ])('is not content when %s failed', (_, changes, problem) => {
    expect(judge(report(period('phase0', changes)), ['phase0'])).toMatchObject({
      ok: false,
      problems: [problem],
    });
  });

  it('sees failures before the first phase too', () => {
    const failing = { login: { requests: 1, errors: 1, latency: NO_LATENCY }, search: ok.requests.search };
    const outcome = judge(report(period(null, { requests: failing }), ok), ['phase0']);
    expect(outcome.problems).toEqual(['start: 1 of 301 requests failed']);
  });

  it('misses a phase that was played and is not in the report', () => {
    expect(judge(report(ok), ['phase0', 'phase1']).problems).toEqual(["phase1: not in the app's report"]);
  });

  it('does not believe a witness that found nothing again', () => {
    const { witness, ...rest } = report(ok);
    const { problems } = judge({ ...rest, witness: { ...witness, confirmed: 0 } }, ['phase0']);
    expect(problems).toEqual(['the witness found none of its writes again, so it says nothing about losses']);
  });

  it('measures the period in progress up to the report', () => {
    const outcome = judge(report(period('phase0', { endedAt: null })), ['phase0']);
    expect(outcome.phases[0]?.seconds).toBe(20);
  });
});

it('the table has a row a phase, and none for a start in which nothing happened', () => {
  const idle = { requests: 0, errors: 0, latency: NO_LATENCY };
  const start = period(null, { requests: { login: idle, search: idle } });
  const rows = outcomeTable(
    judge(report(start, period('phase0', { spikes: [spike()] }), period('phase1')), []),
  );
  expect(rows.map((row) => row[0])).toEqual(['phase', 'phase0', 'phase1']);
  expect(rows[1]).toEqual(['phase0', '10.0', '400', '0', '200.0/200', '0', '10', '251', '251', '0']);
  expect(rows[2]).toContain('-');
});
