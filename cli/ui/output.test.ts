import { afterEach, expect, it, vi } from 'vitest';
import { printJson, progressTerminalFor, terminalFor } from './output.ts';

afterEach(() => vi.restoreAllMocks());

it('with --json, stdout holds the JSON and nothing else', () => {
  const shown: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown.push(String(text));
    return true;
  });
  vi.spyOn(console, 'log').mockImplementation((text) => void shown.push(`${text}\n`));
  terminalFor({ color: false, json: true }).line('a line of progress');
  printJson({ ok: true });
  expect(JSON.parse(shown.join(''))).toEqual({ ok: true });
  terminalFor({ color: false }).line('a line');
  expect(shown.at(-1)).toBe('a line\n');
});

it('progress goes to stderr with --json', () => {
  expect(progressTerminalFor({ color: true, json: true }).out).toBe(process.stderr);
  expect(progressTerminalFor({ color: false }).colored).toBe(false);
});
