import { expect, it } from 'vitest';
import { Witness } from '../witness/witness.ts';
import { Reports } from './reports.ts';

const database = {
  write: async () => {},
  readFromReader: async () => [],
  readFromWriter: async () => [],
  removeBelow: async () => {},
};

it('keeps the newest hundred spikes of a period, however many are started and stopped', () => {
  const reports = new Reports(new Witness({ database, rps: 1, allowanceMs: 1000 }));
  const latency = { p50: 1, p95: 1, p99: 1 };
  const spike = { startedAt: 0, seconds: 0, targetRps: 1, achievedRps: 1, failed: 0, latency, stopped: true };
  for (let sent = 0; sent < 250; sent += 1) reports.spikeEnded({ ...spike, sent });
  const spikes = reports.report.periods[0]?.spikes ?? [];
  expect(spikes).toHaveLength(100);
  expect(spikes.at(-1)?.sent).toBe(249);
});

it('adds up all requests since the start, and tells each phase once', async () => {
  let time = 0;
  const witness = new Witness({ database, rps: 1, allowanceMs: 1000, now: () => time });
  const reports = new Reports(witness);
  const gapOf = async (ms: number) => {
    await witness.write();
    time += ms;
    await witness.write();
  };
  await gapOf(100);
  for (const [phase, ms] of [
    ['phase0', 11_000],
    ['phase1', 300],
    ['phase0', 500],
  ] as const) {
    reports.startPhase(phase);
    reports.request('login', false, 1);
    reports.request('search', phase === 'phase1', 1);
    await gapOf(ms);
  }
  expect(reports.totals).toMatchObject({
    requests: 6,
    failed: 1,
    phases: [
      { phase: null, requests: 0, failed: 0, longestGapMs: 100 },
      { phase: 'phase0', requests: 4, failed: 0, longestGapMs: 11_000 },
      { phase: 'phase1', requests: 2, failed: 1, longestGapMs: 300 },
    ],
  });
});
