import { describe, expect, it } from 'vitest';
import { SERIES_COLUMNS } from '../src/live/series.ts';
import { CAPACITY, RowStore, rowsOf, timeOf } from './store.ts';

const times = (store: RowStore) => store.rows.map(timeOf);

describe('RowStore', () => {
  it('keeps an hour at one row a second and no more', () => {
    const store = new RowStore();
    for (let second = 0; second < CAPACITY + 100; second++) store.push([second * 1000]);
    expect(store.rows).toHaveLength(3600);
    expect(timeOf(store.rows[0])).toBe(100_000);
    expect(timeOf(store.rows.at(-1))).toBe((CAPACITY + 99) * 1000);
  });

  it('replaces a second that comes twice', () => {
    const store = new RowStore();
    store.push([1000, 1]);
    store.push([1000, 2]);
    expect(store.rows).toEqual([[1000, 2]]);
  });

  it('stays in order when the clock of the server is set back', () => {
    const store = new RowStore();
    for (const time of [1000, 2000, 3000, 1500]) store.push([time]);
    expect(times(store)).toEqual([1000, 1500]);
  });

  it('takes the history in the place of the rows that it covers, and keeps the older ones', () => {
    const store = new RowStore();
    for (const time of [1000, 2000, 3000, 4000]) store.push([time, 0]);
    store.merge([
      [3000, 1],
      [4000, 1],
      [5000, 1],
    ]);
    expect(times(store)).toEqual([1000, 2000, 3000, 4000, 5000]);
    expect(store.rows[2]).toEqual([3000, 1]);
  });

  it('keeps what it has when the history of a server that just started is empty', () => {
    const store = new RowStore();
    store.push([1000]);
    store.merge([]);
    expect(times(store)).toEqual([1000]);
  });

  it('stays bounded when a history comes', () => {
    const store = new RowStore(3);
    store.push([1000]);
    store.merge([[2000], [3000], [4000], [5000]]);
    expect(times(store)).toEqual([3000, 4000, 5000]);
  });
});

describe('rowsOf', () => {
  it('puts the columns of another version of the server in this order, and null where one is missing', () => {
    const rows = rowsOf({ columns: ['search.answered', 'new.column', 'at'], rows: [[20, 99, 1000]] });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toHaveLength(SERIES_COLUMNS.length);
    expect(rows[0]?.[SERIES_COLUMNS.indexOf('at')]).toBe(1000);
    expect(rows[0]?.[SERIES_COLUMNS.indexOf('search.answered')]).toBe(20);
    expect(rows[0]?.[SERIES_COLUMNS.indexOf('login.answered')]).toBeNull();
  });
});
