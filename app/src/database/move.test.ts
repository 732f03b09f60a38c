import { expect, it } from 'vitest';
import { whyNotMoved } from './move.ts';

it.each([
  ['42501', 0, 'waiting until the grants of the new credentials take effect (42501)'],
  ['42P01', 19_999, 'waiting until the grants of the new credentials take effect (42P01)'],
  ['42501', 20_000, 'new credentials do not work: 42501'],
  ['28P01', 0, 'new credentials do not work: 28P01'],
  ['ECONNREFUSED', 0, 'new credentials do not work: ECONNREFUSED'],
])('new credentials that meet %s after %i ms: %s', (problem, ms, text) => {
  expect(whyNotMoved(problem, ms)).toEqual({ text, passes: text.startsWith('waiting') });
});
