import { afterEach, expect, it, vi } from 'vitest';
import { AdmissionQueue } from './admission-queue.ts';

const soon = () => performance.now() + 60_000;
afterEach(() => void vi.restoreAllMocks());

it('lends as many turns as there are, and the next ones in the order of asking', async () => {
  const turns = new AdmissionQueue(2, 10);
  await turns.take(soon());
  await turns.take(soon());
  const served: string[] = [];
  const first = turns.take(soon()).then(() => served.push('first'));
  const second = turns.take(soon()).then(() => served.push('second'));
  expect(turns.waiting).toBe(2);
  turns.give();
  await first;
  expect(served).toEqual(['first']);
  turns.give();
  await second;
  expect(turns.waiting).toBe(0);
  turns.give();
  turns.give();
  await Promise.all([turns.take(soon()), turns.take(soon())]);
});

it('serves the newest first when the oldest has waited for half of its time', async () => {
  const turns = new AdmissionQueue(1, 10);
  await turns.take(soon());
  const served: string[] = [];
  const start = performance.now();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(start);
  const old = turns.take(start + 60_000).then(() => served.push('old'));
  clock.mockReturnValue(start + 31_000);
  const newest = turns.take(start + 91_000).then(() => served.push('newest'));
  turns.give();
  await newest;
  expect(served).toEqual(['newest']);
  turns.give();
  await old;
});

it('sends the oldest away when too many wait', async () => {
  const turns = new AdmissionQueue(1, 1);
  await turns.take(soon());
  const oldest = turns.take(soon());
  const newest = turns.take(soon());
  await expect(oldest).rejects.toMatchObject({ code: 'POOL_BUSY' });
  turns.give();
  await newest;
});

it('lets go of whoever waits longer than its deadline', async () => {
  const turns = new AdmissionQueue(1, 10);
  await turns.take(soon());
  const patient = turns.take(soon());
  const hasty = turns.take(performance.now() + 5);
  await expect(hasty).rejects.toThrow('timeout');
  turns.give();
  await patient;
});
