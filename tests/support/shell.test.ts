import { describe, expect, it } from 'vitest';
import { shellCommands } from './shell.ts';

describe('a shell script', () => {
  it.each<[string, string[]]>([
    ['a "b c" \'d e\' f\\ g', ['a|b c|d e|f g']],
    ['a && b || c; d | e & f', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['A=1 B="2 3" a \\\n  b # c\nd', ['a|b', 'd']],
    ['a "$(b c)" $(d "e f")', ['b|c', 'd|e f', 'a|$(b c)|$(d "e f")']],
    ['a > f 2>&1 < g; b <name> c', ['a', 'b|<name>|c']],
    ["a <<'END'\nnot a command\nEND\nb", ['a', 'b']],
    ['for x in 1 2; do a $x; done', ['a|$x']],
    ['f() { a "$1"; }; f 2', ['a|$1', 'f|2']],
  ])('%j is cut into its commands', (script, expected) => {
    expect(shellCommands(script).map(({ words }) => words.join('|'))).toEqual(expected);
  });
});
