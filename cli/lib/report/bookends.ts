import type { Terminal } from '../../ui/terminal.ts';

/** A node that was killed, and what its users noticed. */
export interface Death {
  /** How many nodes there were. */
  readonly nodes: number;
  /** The longest time between two successful writes, or reads, of the witness. Seconds. */
  readonly longestGap: number;
  readonly requests: number;
  readonly failed: number;
  readonly lost: number;
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven'];

/** e.g. `one of three nodes`. */
export const whoDied = ({ nodes }: Pick<Death, 'nodes'>) =>
  nodes === 1 ? 'the only node' : `one of ${WORDS[nodes] ?? nodes} nodes`;

/** The deaths side by side, with the column headings first. */
export function bookendTable(deaths: readonly Death[]): string[][] {
  const count = (value: number) => value.toLocaleString('en-US');
  return [
    ['killed', ...deaths.map(whoDied)],
    ['longest gap', ...deaths.map(({ longestGap }) => `${longestGap.toFixed(1)} s`)],
    ['failed requests', ...deaths.map(({ failed, requests }) => `${count(failed)} of ${count(requests)}`)],
    ['acknowledged writes lost', ...deaths.map(({ lost }) => count(lost))],
  ];
}

/** The first and the last moment of the talk beside each other. */
export function showBookends(deaths: readonly Death[], terminal: Terminal): void {
  if (deaths.length === 0) return;
  terminal.line();
  terminal.table(bookendTable(deaths));
  terminal.quiet('Each was measured once, on this machine. Other machines will differ.');
}
