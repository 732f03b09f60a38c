import { expect, it } from 'vitest';
import { placeLabel, rowsOf, shorten } from './labels.ts';

it('puts a label to the right where it fits', () => {
  expect(placeLabel({ x: 100, textWidth: 50, before: 0, after: 300 })).toEqual({ side: 'right', room: 200 });
});

it('puts the label of the newest mark, at the right edge, to the left', () => {
  expect(placeLabel({ x: 290, textWidth: 50, before: 0, after: 300 })).toEqual({ side: 'left', room: 290 });
});

it('takes the larger side where it fits nowhere', () => {
  expect(placeLabel({ x: 100, textWidth: 500, before: 80, after: 300 })).toEqual({
    side: 'right',
    room: 200,
  });
  expect(placeLabel({ x: 290, textWidth: 500, before: 80, after: 300 })).toEqual({ side: 'left', room: 210 });
});

it('shortens a text to its room, and leaves it out where too little would be left', () => {
  const width = (text: string) => text.length * 10;
  expect(shorten('start-spike', 200, width)).toBe('start-spike');
  expect(shorten('start-spike', 80, width)).toBe('start-s…');
  expect(shorten('start-spike', 20, width)).toBe('');
});

it('puts labels that would cover each other into rows, and the next one that has its place into the first again', () => {
  expect(
    rowsOf([
      [0, 60],
      [40, 100],
      [50, 110],
      [60, 90],
      [200, 260],
    ]),
  ).toEqual([0, 1, 2, 0, 0]);
});
