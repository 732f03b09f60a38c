import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateAll } from '../program/evaluate.ts';
import { briefLines, cut, wrapped } from './brief.ts';
import { compare, type Difference } from './compare.ts';

const STACKS = ['phase0', 'phase1', 'phase2'];
const screen = (rows: number, columns = 80) => ({ rows, columns, color: false });
let steps: readonly [Difference, Difference];

beforeAll(async () => {
  const [first, second, third] = await evaluateAll(STACKS.map((stack) => ({ stack })));
  if (first === undefined || second === undefined || third === undefined) throw new Error('not evaluated');
  steps = [compare(first, second), compare(second, third)];
});

describe('a step on one screen', () => {
  it('shows each change in a line and the SQL as it will run, on 80 columns', () => {
    const [toTwo, toThree] = steps.map((step) => briefLines(step, screen(21)));
    expect(toTwo).toHaveLength(20);
    expect(toTwo?.slice(2, 7)).toEqual([
      '~  cluster-crdb           spec.nodes: 1 => 2',
      '~  nodes-live             nodes: 1 => 2',
      '~  replication            nodes: 1 => 2, replicationFactor: 1 => 2',
      '  ALTER RANGE default CONFIGURE ZONE USING num_replicas = 2, num_voters = 1',
      '  ALTER RANGE meta CONFIGURE ZONE USING num_replicas = 2, num_voters = 1',
    ]);
    expect(toTwo?.slice(10, 12)).toEqual([
      '+  users-reader-password  RandomPassword',
      '+  users-reader           User',
    ]);
    expect(toTwo?.at(-1)).toBe('~  app-database           stringData.reader-url: [secret] => [secret]');
    expect(toThree).toHaveLength(10);
    expect(Math.max(...[...(toTwo ?? []), ...(toThree ?? [])].map((line) => line.length))).toBeLessThan(81);
  });

  it('counts the statements where there is no room for them', () => {
    const lines = briefLines(steps[0], screen(12));
    expect(lines).toHaveLength(8);
    expect(lines[4]).toBe('~  replication  nodes: 1 => 2, replicationFactor: 1 => 2, 5 statements to run');
    expect(lines[6]).toBe('+  users-reader  User, 7 statements to run');
  });

  it('says how much more there is when not even the changes fit', () => {
    expect(briefLines(steps[0], screen(4)).slice(2)).toEqual([
      '~  cluster-crdb  spec.nodes: 1 => 2',
      '... and 5 more lines',
    ]);
    expect(cut(['a', 'b'], 2)).toEqual(['a', 'b']);
    expect(cut(['a', 'b', 'c'], 0)).toEqual(['a', '... and 2 more lines']);
  });

  it('colours the marks only where that is wanted', () => {
    expect(briefLines(steps[0], { ...screen(40), color: true })[0]).toContain('\u001b[33m~');
    expect(briefLines(steps[0], screen(40)).join('')).not.toContain('\u001b');
  });
});

describe('a line that is too long', () => {
  it('is broken at blanks and set in, and no word is cut or lost', () => {
    const text = 'name  one two three four five six seven';
    const lines = wrapped(text, 16, 6);
    expect(lines).toEqual(['name  one two', '      three four', '      five six', '      seven']);
    expect(wrapped('name  averyveryverylongword', 10, 6)).toEqual(['name  averyveryverylongword']);
    expect(wrapped('a\n  b', 10, 2)).toEqual(['a', '  b']);
  });
});
