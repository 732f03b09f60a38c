import { createInterface } from 'node:readline/promises';
import type { Stop } from './stop.ts';

/** Asks for a line in the terminal. Rejects when Ctrl-C is pressed; empty when the input ends. */
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
