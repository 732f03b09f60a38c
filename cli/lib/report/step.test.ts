import { describe, expect, it } from 'vitest';
import type { PeriodReport, Report } from '../../../app/src/contract.ts';
import { harmSeen, markdown, type StepReport, witnessed } from './step.ts';

const period = (phase: string | null, startedAt: number, part: object = {}): PeriodReport => ({
  phase,
  startedAt,
  endedAt: startedAt + 10_000,
  requests: {
    login: { requests: 5, errors: 0, latency: { p50: 1, p95: 2, p99: 3 } },
    search: { requests: 20, errors: 0, latency: { p50: null, p95: null, p99: null } },
  },
  spikes: [],
  witness: {
    writes: { sent: 40, failed: 0, longestGapMs: 300 },
    reads: { sent: 40, failed: 0, longestGapMs: 250 },
    confirmed: 40,
    lost: 0,
    duplicated: 0,
    stale: 0,
    ...part,
  },
});
const report = (periods: PeriodReport[]): Report => ({
  at: 60_000,
  periods,
  witness: {} as Report['witness'],
});

describe('what the witness saw of a step', () => {
  it('adds up the last periods of the phase, as a step that was resumed has several', () => {
    const seen = witnessed(
      report([
        period('phase1', 0),
        period('phase0', 10_000),
        period('phase1', 20_000, { lost: 1 }),
        period('phase1', 30_000, { writes: { sent: 40, failed: 2, longestGapMs: 900 } }),
      ]),
      'phase1',
    );
    expect(seen).toMatchObject({ seconds: 20, requests: 50, lost: 1, p99Ms: 3 });
    expect(seen?.writes).toEqual({ sent: 80, failed: 2, longestGapMs: 900 });
  });

  it('is nothing when the phase was not marked', () => {
    expect(witnessed(report([period('phase0', 0)]), 'phase1')).toBeNull();
  });

  it('is harm when something was lost or failed, or when it wrote nothing', () => {
    const seen = (part: object) =>
      harmSeen(witnessed(report([period('phase1', 0, part)]), 'phase1') as never);
    expect(seen({})).toEqual([]);
    expect(seen({ lost: 2 })).toEqual(['2 acknowledged writes are lost']);
    expect(seen({ reads: { sent: 40, failed: 1, longestGapMs: 1 } })).toEqual([
      '1 of 40 reads of the witness failed',
    ]);
    expect(seen({ writes: { sent: 0, failed: 0, longestGapMs: 0 } })).toHaveLength(1);
  });
});

describe('the report as a page', () => {
  const step: StepReport = {
    ok: true,
    problems: [],
    from: 'phase0',
    to: 'phase1',
    startedAt: '2026-11-21T12:00:00.000Z',
    seconds: 90,
    stages: [{ name: 'replication', seconds: 20 }],
    changes: { update: 6, create: 2, same: 56 },
    resumed: false,
    closing: null,
    witness: witnessed(report([period('phase1', 0)]), 'phase1'),
  };

  it('says what changed, how long each stage took and what the witness saw', () => {
    const page = markdown(step);
    expect(page).toContain('# phase0 to phase1');
    expect(page).toContain('No request failed, nothing was lost.');
    expect(page).toContain('Changes: 6 update, 2 create; 56 unchanged.');
    expect(page).toContain('| replication | 20.0 |');
    expect(page).toContain('| longest gap, ms | 300 | 250 |');
  });

  it('claims nothing where nobody watched', () => {
    const page = markdown({ ...step, from: null, witness: null });
    expect(page).toContain('There was no witness');
    expect(page).not.toContain('nothing was lost');
  });

  it('names the problems of a step that was not without harm', () => {
    expect(markdown({ ...step, ok: false, problems: ['2 acknowledged writes are lost'] })).toContain(
      '**2 acknowledged writes are lost**',
    );
  });
});
