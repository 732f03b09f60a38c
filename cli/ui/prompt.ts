import { createInterface } from 'node:readline/promises';
import type { Stop } from './stop.ts';

/**
 * Asks for a line in the terminal. Rejects when Ctrl-C is pressed; empty when the input ends. A package for prompts would handle Ctrl-C
 * itself, and stop.ts must count each press once.
 */
export async function ask(question: string, stop: Stop): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.on('SIGINT', () => stop.press());
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return (await Promise.race([lines.question(question, { signal: stop.signal }), ended])).trim();
  } finally {
    lines.close();
  }
}

export const isYes = (answer: string) => /^y(es)?$/i.test(answer);

/**
 * Asks whether to go on, as often as somebody wants to see more first: `view` shows it. Yes only to `y` or `yes`. `read` asks for a line.
 */
export async function askToGoOn(
  question: string,
  view: () => void,
  read: (question: string) => Promise<string>,
): Promise<boolean> {
  for (;;) {
    const answer = await read(`${question} [y]es, [v]iew the whole preview, [n]o: `);
    if (!/^v(iew)?$/i.test(answer)) return isYes(answer);
    view();
  }
}
