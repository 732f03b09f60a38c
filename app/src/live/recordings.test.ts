import { expect, it } from 'vitest';
import type { History, RecordedLine } from '../contract.ts';
import { SnapshotHistory } from './history.ts';
import { Recordings } from './recordings.ts';
import { snapshotOf } from './testing.ts';

const history: History = {
  columns: new SnapshotHistory().columns,
  rows: [],
  marks: [],
  latest: null,
  needsToken: false,
  limits: { spikeSeconds: 1, spikeRps: 1 },
};
const line = (at: number): RecordedLine => ({ at, call: 'snapshot', arg: snapshotOf({ at }) });
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as RecordedLine);

it('gives the past first, then all that the pages are sent, until it ends', async () => {
  const recordings = new Recordings(() => history);
  recordings.send(line(1));
  const stream = recordings.open();
  recordings.send(line(2));
  recordings.send({ at: 3, call: 'mark', arg: { id: 1, kind: 'note', label: 'a', at: 3 } });
  recordings.close();
  const got = lines(await new Response(stream).text());
  expect(got.map(({ call }) => call)).toEqual(['history', 'snapshot', 'mark']);
  expect(got[0]?.arg).toEqual(history);
  expect(got[1]).toEqual(line(2));
});

it('ends a recording whose reader is too slow, rather than leaving something out', async () => {
  const recordings = new Recordings(() => history);
  const stream = recordings.open();
  for (let at = 1; at <= 1000; at += 1) recordings.send(line(at));
  const got = lines(await new Response(stream).text());
  expect(got).toHaveLength(300);
  expect(got.slice(1).map(({ at }) => at)).toEqual(Array.from({ length: 299 }, (_, i) => i + 1));
});

it('lets only so many record at a time, and another one when one has left', async () => {
  const recordings = new Recordings(() => history);
  const streams = [1, 2, 3, 4].map(() => recordings.open());
  expect(() => recordings.open()).toThrow('4 recordings run already');
  await streams[0]?.cancel();
  expect(() => recordings.open()).not.toThrow();
});
