import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { CliError } from '../../../lib/errors.ts';
import { CockroachNode } from './node.ts';

/** A node whose program is this script. */
function node(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'node-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'cockroach');
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  let died: (error: CliError) => void = () => {};
  const death = new Promise<CliError>((resolve) => {
    died = resolve;
  });
  const made = new CockroachNode({
    binary: { path, version: 'v26.2.5' },
    name: 'n2',
    ports: { rpc: 1, sql: 2, http: 3 },
    certsDir: '/certs',
    store: '/store',
    join: ['127.0.0.1:1', '127.0.0.1:11', '127.0.0.1:21'],
    logFile: join(folder, 'n2.log'),
    onDeath: died,
  });
  return { node: made, death };
}

it('is told the same three addresses whichever it is, and where it may listen: on this machine only', () => {
  const { command } = node('').node;
  expect(command).toEqual([
    'start',
    '--certs-dir=/certs',
    '--store=path=/store,ballast-size=0',
    '--listen-addr=127.0.0.1:1',
    '--sql-addr=127.0.0.1:2',
    '--http-addr=127.0.0.1:3',
    '--join=127.0.0.1:1,127.0.0.1:11,127.0.0.1:21',
    '--cache=64MiB',
    '--max-sql-memory=128MiB',
  ]);
});

it('that finds its port taken says so, and what to do', async () => {
  const { node: started, death } = node(
    'echo "ERROR: cannot listen: listen tcp 127.0.0.1:2: bind: address already in use" >&2; exit 1',
  );
  started.start();
  const { message, next } = await death;
  expect(next).toBe('Run the same command again');
  expect(message).toMatch(/^Node n2 of CockroachDB ended unexpectedly \(exit code 1\)\.\n/);
  expect(message).toContain('has taken one of its ports (1, 2, 3) since they were found free.\n');
  expect(message).toContain('bind: address already in use');
});

it('that is killed on purpose is no failure, and neither is what it had started left', async () => {
  const { node: started, death } = node('sleep 60 & wait');
  started.start();
  await expect.poll(() => started.isRunning).toBe(true);
  await started.kill();
  expect(started.isRunning).toBe(false);
  expect(await Promise.race([death, new Promise((resolve) => setTimeout(resolve, 100, 'none'))])).toBe(
    'none',
  );
});
