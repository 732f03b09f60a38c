import { describe, expect, it } from 'vitest';
import { DEFAULT_SPIKE } from '../app/ui/spike-request.ts';
import { SCRIPT, SPIKE, TALK_SECONDS } from '../cli/commands/rehearse/script/script.ts';
import { clockText, type ScriptBeat, WORDS_A_MINUTE } from '../cli/commands/rehearse/stage/beat.ts';
import { read } from './support/repository.ts';

const DEMO = read('demo/DEMO.md');
const [, AFTER = ''] = DEMO.split('## The script\n');
const TALK = AFTER.split(/^## /m)[0] ?? '';

/** Of the script: each section by its heading. */
const sections = TALK.split(/^### /m)
  .slice(1)
  .map((text) => {
    const [heading = '', ...lines] = text.split('\n');
    return { heading, lines };
  });
const section = (beat: ScriptBeat) => {
  const heading = `${clockText(beat.at)} ${beat.title}`;
  return sections.find((found) => found.heading === heading)?.lines ?? [];
};

/** What is said: the paragraphs of the block quotes. */
function said(lines: readonly string[]): string[] {
  const quoted = lines.map((line) => (line.startsWith('>') ? line.slice(1).trim() : ''));
  return quoted
    .join('\n')
    .split(/\n{2,}/)
    .map((text) => text.trim().replace(/\n/g, ' '))
    .filter((text) => text !== '');
}

const typed = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith('    ')).map((line) => line.trim());
const words = (texts: readonly string[]) =>
  texts
    .join(' ')
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;
const stepSeconds = ({ steps }: ScriptBeat) => steps.reduce((sum, { seconds }) => sum + seconds, 0);

describe('the script of the talk and the rehearsal', () => {
  it('have the same beats, at the same times, in the same order', () => {
    expect(sections.map(({ heading }) => heading)).toEqual(
      SCRIPT.map(({ at, title }) => `${clockText(at)} ${title}`),
    );
    const rows = TALK.split('\n').filter((line) => /^\| \d/.test(line));
    expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual(SCRIPT.map(({ at }) => clockText(at)));
    rows.forEach((row, i) => {
      const { title, commands, key } = SCRIPT[i] as ScriptBeat;
      const cells = [...commands.map((command) => `\`${command}\``), ...(key ? [`key \`${key}\``] : [])];
      expect(row).toContain(`[${title}]`);
      expect(row.split(' | ').slice(2).join('').replace(/ ?\|$/, '')).toBe(cells.join(', '));
    });
  });

  it.each(SCRIPT)('say and do the same, word for word: $title', (beat) => {
    const lines = section(beat);
    expect(said(lines)).toEqual(beat.say.map((text) => `"${text}"`));
    expect(typed(lines)).toEqual(beat.commands);
    const text = lines.join(' ').replace(/\s+/g, ' ');
    if (beat.key !== undefined) expect(text).toMatch(new RegExp(`key \`${beat.key}\``, 'i'));
    for (const look of beat.lookAt) expect(text).toContain(`Look at: ${look}`);
  });

  it('spike alike, with what the page offers at first', () => {
    expect(SPIKE).toEqual(DEFAULT_SPIKE);
    expect(DEMO).toContain(`'${JSON.stringify(SPIKE)}'`);
  });
});

describe('the talk', () => {
  it('begins with the death of the only node and ends with that of one of three, and one card', () => {
    const kills = SCRIPT.filter(({ plays }) => plays === 'kill').map(({ ofNodes }) => ofNodes);
    expect(kills).toEqual([1, 3]);
    const order = SCRIPT.map(({ plays }) => plays).filter((plays) => plays !== 'nothing');
    expect(order.slice(0, 2)).toEqual(['phase', 'kill']);
    expect(order.slice(-2)).toEqual(['kill', 'card']);
  });

  it('takes at most 15 minutes: its words at 130 a minute, and its steps after them', () => {
    const spoken = (words(sections.flatMap(({ lines }) => said(lines))) / WORDS_A_MINUTE) * 60;
    const total = spoken + SCRIPT.reduce((sum, beat) => sum + stepSeconds(beat), 0);
    console.log(
      `the talk: ${clockText(spoken)} of words and ${clockText(total - spoken)} of steps, ${clockText(total)} in all`,
    );
    expect(total).toBeGreaterThan(8 * 60);
    expect(total).toBeLessThanOrEqual(15 * 60);
    expect(TALK_SECONDS).toBeLessThanOrEqual(15 * 60);
  });

  it('fits each beat into its time', () => {
    for (const [i, beat] of SCRIPT.entries()) {
      const time = (SCRIPT[i + 1]?.at ?? TALK_SECONDS) - beat.at;
      const needs = (words(said(section(beat))) / WORDS_A_MINUTE) * 60 + stepSeconds(beat);
      expect(needs, `${beat.title} has ${time} s`).toBeLessThanOrEqual(time);
    }
  });

  it('has phase 1 over within four minutes, its spike included', () => {
    const begun = SCRIPT.find(({ begins }) => begins === 'phase1')?.at ?? 0;
    const next = SCRIPT.find(({ begins }) => begins === 'phase2')?.at ?? 0;
    expect(next - begun).toBeLessThanOrEqual(4 * 60);
  });

  it('tells where each time of a step comes from', () => {
    for (const { steps } of SCRIPT)
      for (const { what, seconds, source } of steps) {
        expect(seconds, what).toBeGreaterThan(0);
        expect(source, what).toMatch(/^(set$|measured: \S|assumed: \S)/);
        const file = /^measured: (\S+?),/.exec(source)?.[1];
        if (file !== undefined) expect(read(file).length).toBeGreaterThan(0);
      }
  });
});
