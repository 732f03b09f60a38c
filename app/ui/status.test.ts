import { expect, it } from 'vitest';
import { statusOf } from './status.ts';

it('is live only while data comes', () => {
  expect(statusOf('connected', 900)).toEqual({ state: 'live', words: 'Live', age: '' });
});

it('says that a connected server sends nothing', () => {
  expect(statusOf('connected', 6_200)).toEqual({
    state: 'stalled',
    words: 'No data',
    age: 'last data 6 s ago',
  });
});

it('says how old the data is while it reconnects', () => {
  const status = statusOf('reconnecting', 75_000);
  expect(status.state).toBe('reconnecting');
  expect(status.age).toBe('last data 1 min 15 s ago');
});

it('claims no age before the first data', () => {
  expect(statusOf('connecting', null)).toMatchObject({ state: 'connecting', age: '' });
  expect(statusOf('connected', null)).toMatchObject({ state: 'connecting', age: '' });
});
