import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refusal, testRun } from './recorder.testing.ts';
import { type Look, stop, waitFor, within } from './waiting.ts';

const WAIT = { what: '2 live nodes', seconds: 60, every: 2, next: 'Look at the pods.' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks in turn, the last one for ever. */
function looks<T>(...steps: (Look<T> | Error)[]) {
  let at = 0;
  return async (): Promise<Look<T>> => {
    const step = steps[Math.min(at++, steps.length - 1)] as Look<T> | Error;
    if (step instanceof Error) throw step;
    return step;
  };
}

/** The promise's outcome, with all time that it needs passing at once. */
async function outcome<T>(promise: Promise<T>): Promise<T | Error> {
  const settled = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return settled;
}

describe('waitFor', () => {
  it('looks until it is done, also past looks that fail', async () => {
    const look = looks({ waiting: 'one' }, new Error('the port-forward broke'), { done: 7 });
    expect(await outcome(waitFor(look, WAIT, testRun()))).toBe(7);
  });

  it('gives up at the deadline with what was seen last and what to do next', async () => {
    const look = looks<never>({ waiting: 'crdb-1 Pending' }, new Error('crdb-1 ImagePullBackOff'));
    const error = await outcome(waitFor(look, WAIT, testRun()));
    expect(error).toMatchObject({
      message: 'No 2 live nodes after 60 s. Seen last: crdb-1 ImagePullBackOff. Look at the pods.',
    });
  });

  it.each([stop('the operator refuses'), refusal('42501', 'not allowed')])(
    'ends at once at an error that will not get better: %s',
    async (error) => {
      const look = vi.fn(looks<never>(error));
      expect(await outcome(waitFor(look, WAIT, testRun()))).toBe(error);
      expect(look).toHaveBeenCalledTimes(1);
    },
  );

  it('ends when it is cancelled, and says what it saw', async () => {
    const run = testRun();
    const waiting = waitFor(looks<never>({ waiting: '3 ranges left' }), WAIT, run).catch((error) => error);
    await vi.advanceTimersByTimeAsync(3000);
    run.cancel('Cancelled (SIGINT)');
    expect(await waiting).toMatchObject({
      message:
        'Cancelled (SIGINT) while waiting for 2 live nodes. Seen last: 3 ranges left. The same command resumes from here.',
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of changes every few seconds, and rarely when nothing changes', async () => {
    const run = testRun();
    let left = 8;
    const look = async (): Promise<Look<never>> => ({ waiting: `${left > 0 ? left-- : 0} left` });
    await outcome(waitFor(look, { ...WAIT, seconds: 120 }, run));
    expect(run.said.slice(0, 4)).toEqual([
      'Waiting for 2 live nodes, 4 s: 6 left',
      'Waiting for 2 live nodes, 8 s: 4 left',
      'Waiting for 2 live nodes, 12 s: 2 left',
      'Waiting for 2 live nodes, 16 s: 0 left',
    ]);
    expect(run.said).toHaveLength(7);
  });
});

describe('within', () => {
  it('gives up on a promise that never settles, and names it', async () => {
    const error = await outcome(within(new Promise(() => {}), 5, 'crdb-0', testRun().signal));
    expect(error).toMatchObject({ message: 'crdb-0 did not answer within 5 s' });
  });

  it('leaves no timer behind', async () => {
    await expect(within(Promise.resolve(1), 5, 'crdb-0', testRun().signal)).resolves.toBe(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
