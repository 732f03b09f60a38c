import { describe, expect, it } from 'vitest';
import type { PeriodReport, Report } from '../../../app/src/contract.ts';
import { Terminal } from '../../ui/terminal.ts';
import { PHASES, period, witness } from '../cluster/cluster.testing.ts';
import type { Target } from '../phase/settings.ts';
import { type Closing, closing, closingTitle, showCard } from './closing.ts';

const [phase0, phase1, phase2] = PHASES as [Target, Target, Target];

/** Each period ten seconds long, with 30 requests of which 3 failed, 50 writes found again and a gap of 1.234 s, but for `over`. */
function report(...phases: (string | null | Partial<PeriodReport>)[]): Report {
  const periods = phases.map((given, i) => ({
    ...period(null),
    startedAt: i * 10_000,
    endedAt: i === phases.length - 1 ? null : (i + 1) * 10_000,
    ...(typeof given === 'object' && given !== null ? given : { phase: given }),
  }));
  return { at: phases.length * 10_000, periods, witness: witness() };
}
const measured = (given: Report) => {
  const found = of(given);
  if (found === null) throw new Error('nothing was measured');
  return found;
};
const of = (given: Report, target: Target = phase2) => closing(given, PHASES, target, 'phase1');

describe('what the evolution came to', () => {
  it('is counted from the first step on, over all steps and what was done between them', () => {
    const found = measured(report(null, 'phase0', 'phase1', 'phase1: drill drain', 'phase1', 'phase2'));
    expect(found).toEqual({
      from: 1,
      to: 3,
      seconds: 40,
      requests: 120,
      failed: 12,
      confirmed: 200,
      lost: 0,
      longestGapMs: 1234,
    });
    expect(closingTitle(found)).toBe('One node became three, live');
  });

  it('leaves out what was done to the one node before', () => {
    const outage = {
      ...period('phase0: drill pod-kill', { lost: 9, writes: { sent: 9, failed: 9, longestGapMs: 11_000 } }),
    };
    expect(of(report('phase0', outage, 'phase0', 'phase1', 'phase2'))).toMatchObject({
      from: 1,
      seconds: 20,
      lost: 0,
      longestGapMs: 1234,
    });
    expect(of(report('phase0', outage, 'phase1', 'phase2'))).toMatchObject({ seconds: 20, lost: 0 });
  });

  it('counts this step alone when the app was restarted before it', () => {
    const found = measured(report(null, 'phase1', 'phase2'));
    expect(found).toMatchObject({ from: 2, to: 3, seconds: 10, requests: 30 });
    expect(closingTitle(found)).toBe('Two nodes became three, live');
  });

  it('counts a step that was resumed from its first begin', () => {
    expect(of(report('phase0', 'phase1', 'phase2', 'phase2'))).toMatchObject({ seconds: 30 });
    expect(of(report(null, 'phase2', 'phase2'))).toMatchObject({ seconds: 20, from: 2 });
  });

  it('is nothing before the last phase, or where the app knows nothing of the step', () => {
    expect(of(report('phase0', 'phase1'), phase1)).toBeNull();
    expect(of(report('phase0'), phase0)).toBeNull();
    expect(of(report('phase0'))).toBeNull();
    expect(closing(report('phase0'), [phase0], phase0, 'phase0')).toBeNull();
  });
});

const DEATHS = [
  { nodes: 1, longestGap: 11.2, requests: 400, failed: 212, lost: 0 },
  { nodes: 3, longestGap: 0.41, requests: 1200, failed: 0, lost: 0 },
];

describe('the closing card', () => {
  it('says what was measured and no more, in 80 columns, and shows harm as harm', () => {
    const shown = (over: Partial<Closing>) => {
      let text = '';
      const terminal = new Terminal(true, (part) => {
        text += part;
      });
      const evolution = { ...measured(report('phase0', 'phase1', 'phase2')), ...over };
      showCard({ evolution, deaths: DEATHS }, terminal);
      return text;
    };
    const good = shown({ requests: 12_345, failed: 0, seconds: 500 });
    for (const line of [
      '== One node became three, live ==',
      '12,345 requests, 0 failed',
      '100 acknowledged writes found again, 0 lost',
      '1.23 s was the longest gap',
      'over 8 min 20 s.',
      'killed                    the only node  one of three nodes',
      'longest gap                      11.2 s               0.4 s',
      'failed requests              212 of 400          0 of 1,200',
      'Get it: the repository cockroachdb-live-evolution',
      'npm ci && npm run rehearse',
    ])
      expect(good).toContain(line);
    expect(good).not.toContain('\u001b[31m');
    expect(shown({ lost: 2 })).toContain('\u001b[31m  100 acknowledged writes found again, 2 lost');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
    for (const line of good.replace(/\u001b\[\d+m/g, '').split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
  });
});
