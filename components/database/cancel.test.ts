import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../cli/lib/machine/scratch.ts';

// Signals are sent to a process of its own: here they would end the tests.
const scratch = new Scratch();
afterAll(() => scratch.remove());

const script = scratch.path('work.ts');
writeFileSync(
  script,
  `
  import { cancellable } from ${JSON.stringify(join(__dirname, 'cancel.ts'))};
  import { waitFor } from ${JSON.stringify(join(__dirname, 'waiting.ts'))};
  // The host of dynamic providers goes on when a provider has ended.
  setInterval(() => {}, 1000);
  const wait = { what: 'the end', seconds: 60, every: 1, next: '' };
  const look = async () => (console.log('looked'), { waiting: 'nothing' });
  cancellable((signal) => waitFor(look, wait, { signal, say: () => {} })).catch((error) => console.log(error.message));
`,
);

interface Outcome {
  readonly output: string;
  readonly signal: string | null;
}

/** What the process prints, and the signal that ends it. `looked` is called when its work has begun. */
function work(looked: (child: ChildProcess) => void): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', 'tsx', script], { cwd: resolve(__dirname, '../..') });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  child.stdout.on('data', (chunk) => {
    if (output === '') looked(child);
    output += chunk;
  });
  return new Promise((done) => child.on('close', (_, signal) => done({ output, signal })));
}

describe('cancellable work', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at %s, says so, and then the process ends by it',
    async (signal) => {
      const outcome = await work((child) => child.kill(signal));
      expect(outcome.output).toContain(`Cancelled (${signal}) while waiting for the end. Seen last: nothing`);
      expect(outcome.signal).toBe(signal);
    },
  );
});
