import { describe, expect, it } from 'vitest';
import { tableLines, wrap } from './table.ts';
import { Terminal } from './terminal.ts';

const text = (rows: string[][], width: number) => tableLines(rows, width).map((line) => line.text);

describe('a table', () => {
  const rows = [
    ['phase', 'requests', 'write gap ms', 'read gap ms', 'lost'],
    ['phase0, postgresql killed', '1234', '11100', '10800', '0'],
  ];

  it('stands as it is where there is room for it', () => {
    expect(text(rows, 80)).toEqual([
      'phase                      requests  write gap ms  read gap ms  lost',
      'phase0, postgresql killed      1234         11100        10800     0',
    ]);
  });

  it('breaks between words where there is not, the widest column first, and cuts none', () => {
    expect(text(rows, 60)).toEqual([
      'phase                      requests    write  read gap  lost',
      '                                      gap ms        ms',
      'phase0, postgresql killed      1234    11100     10800     0',
    ]);
    expect(text(rows, 45)).toEqual([
      'phase            requests  write   read  lost',
      '                             gap    gap',
      '                              ms     ms',
      'phase0,              1234  11100  10800     0',
      'postgresql',
      'killed',
    ]);
    for (let width = 20; width < 80; width++) {
      const lines = text(rows, width);
      for (const word of rows.flat().flatMap((cell) => cell.split(' ')))
        expect(lines.join('\n'), `${width}: ${word}`).toContain(word);
      if (width > 50) for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it('fits the 80 columns of a terminal', () => {
    let shown = '';
    const terminal = new Terminal(false, (part) => {
      shown += part;
    });
    const heads = ['phase', 'seconds', 'requests', 'errors', 'spike rps', 'failed', 'p99 ms'];
    const more = ['write gap ms', 'read gap ms', 'lost'];
    terminal.table([
      [...heads, ...more],
      ['phase2, n3 killed', '1.0', '2', '3', '200.0/200 200.0/200', '0', '1', '2', '3', '4'],
    ]);
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(shown).toContain('200.0/200');
  });
});

it('text is broken between words, and a word that is too long is left whole', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('sql/01.sql:9  ALTER RANGE default', 24)).toEqual(['sql/01.sql:9  ALTER', 'RANGE default']);
  expect(wrap('a http://127.0.0.1:8080/x b', 6)).toEqual(['a', 'http://127.0.0.1:8080/x', 'b']);
});
