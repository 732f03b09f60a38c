import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../cli/lib/errors.ts';
import { readMarkdown } from './support/markdown.ts';
import { read } from './support/repository.ts';

const SCRIPT = read('demo/DEMO.md');
const { anchors } = readMarkdown(SCRIPT);

const seconds = (time: string) => {
  const [minutes = 0, rest = 0] = time.split(':').map(Number);
  return minutes * 60 + rest;
};

/** The rows of the table of a section that begin with a time. */
function table(heading: string): { at: number; cells: string[] }[] {
  const [, section = ''] = SCRIPT.split(`## ${heading}\n`);
  return (section.split(/^## /m)[0] ?? '')
    .split('\n')
    .filter((line) => /^\| \d+:\d\d \|/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
    .map((cells) => ({ at: seconds(cells[0] ?? ''), cells }));
}

describe('the script of the demo', () => {
  const beats = table('The script');

  it('takes 10 to 15 minutes, and each beat has its section', () => {
    const times = beats.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBeGreaterThanOrEqual(10 * 60);
    expect(times.at(-1)).toBeLessThan(15 * 60);
    const headings = [...SCRIPT.matchAll(/^### (\d+:\d\d .+)$/gm)].map(([, heading = '']) => heading);
    expect(headings).toEqual(beats.map(({ cells }) => `${cells[0]} ${/\[(.+)\]/.exec(cells[1] ?? '')?.[1]}`));
  });

  it('has a short version of five minutes', () => {
    const times = table('The five-minute version').map(({ at }) => at);
    expect(times.length).toBeGreaterThan(4);
    expect(times.at(-1)).toBeLessThan(5 * 60);
  });

  it('says in each beat what to say', () => {
    for (const { cells } of beats) {
      const [, section = ''] = SCRIPT.split(`### ${cells[0]} `);
      const text = section.split(/^#{2,3} /m)[0] ?? '';
      expect(text, cells[1]).toMatch(/"[A-Z][^"]{20,}"|Say the figures/);
    }
  });

  it('has a safe variant for those who may not have the outage, and says what that does to whom', () => {
    expect(anchors).toContain('the-safe-variant');
    expect(anchors).toContain('what-the-outage-does-to-whom');
  });

  it('has a way out of each error that a step or a drill can end with', () => {
    const [, section = ''] = SCRIPT.split('## What can go wrong\n');
    const codes = Object.keys(CATALOGUE).filter((code) => /^EVO-(102|[235]\d\d|73[1-57])$/.test(code));
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !section.includes(code))).toEqual([]);
  });
});
