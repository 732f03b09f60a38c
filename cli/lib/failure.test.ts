import { expect, it } from 'vitest';
import { Failure, plainly } from './failure.ts';

const running = new AbortController().signal;
const outcome = (signal: AbortSignal, error: Error) =>
  plainly(signal, () => Promise.reject(error)).catch((thrown) => thrown);

it('what the database or a wait says is a failure of its own, and a bug stays a bug', async () => {
  const said = await outcome(running, new Error('No 2 live nodes after 120 s.'));
  expect(said).toBeInstanceOf(Failure);
  expect(said.message).toBe('No 2 live nodes after 120 s.');
  const bug = new TypeError('x is not a function');
  expect(await outcome(running, bug)).toBe(bug);
  expect(await plainly(running, async () => 7)).toBe(7);
});

it('what was aborted fails for the reason that it was aborted for', async () => {
  const reason = new Failure('Node n1 ended');
  expect(await outcome(AbortSignal.abort(reason), new Error('The operation was aborted'))).toBe(reason);
});
