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
