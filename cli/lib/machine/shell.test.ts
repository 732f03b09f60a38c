import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellQuoted } from './shell.ts';

it('text goes through a shell as it is, and an ordinary word needs no quotes', () => {
  const words = ["it's", 'a b', '$HOME `x` "y" \\', '*', '', "'"];
  const shown = words.map(shellQuoted).join(' ');
  const printed = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${shown}`], { encoding: 'utf8' });
  expect(printed).toBe(words.map((word) => `${word}\n`).join(''));
  expect(shellQuoted('nodelocal://1/backups')).toBe('nodelocal://1/backups');
});
