import { expect, it } from 'vitest';
import { statusOf } from './status.ts';

it('is live only while data comes', () => {
  expect(statusOf('connected', 900, true)).toEqual({ state: 'live', words: 'Live', age: '' });
});

it('says that a connected server sends nothing', () => {
  expect(statusOf('connected', 6_200, true)).toEqual({
    state: 'stalled',
    words: 'No data',
    age: 'last data 6 s ago',
  });
});

it('says how old the data is while it reconnects', () => {
  const status = statusOf('reconnecting', 75_000, true);
  expect(status.state).toBe('reconnecting');
  expect(status.age).toBe('last data 1 min 15 s ago');
});

it('claims no age before the first data', () => {
  expect(statusOf('connecting', null, true)).toMatchObject({ state: 'connecting', age: '' });
  expect(statusOf('connected', null, true)).toMatchObject({ state: 'connecting', age: '' });
});

it('is not live while the database does not answer, though data comes', () => {
  expect(statusOf('connected', 900, false)).toEqual({ state: 'away', words: 'Database away', age: '' });
});

it('says that all places are taken', () => {
  expect(statusOf('full', null, true)).toMatchObject({ state: 'full', words: 'Full' });
});

it('never calls a recording live, and not old when it is paused', () => {
  expect(statusOf('connected', 900, true, { paused: false })).toMatchObject({
    state: 'recording',
    words: 'Recording',
  });
  expect(statusOf('connected', 90_000, false, { paused: true })).toEqual({
    state: 'recording',
    words: 'Recording, paused',
    age: '',
  });
  expect(statusOf('reconnecting', 90_000, true, { paused: true }).state).toBe('reconnecting');
});
