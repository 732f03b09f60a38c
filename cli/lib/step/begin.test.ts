import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenForStop, type Stop } from '../../ui/stop.ts';
import { Terminal } from '../../ui/terminal.ts';
import { cliError } from '../errors.ts';
import { PROJECT } from '../program/evaluate.ts';
import { Pulumi } from '../pulumi/run.ts';
import { begin } from './begin.ts';
import { REAL_DEPENDENCIES } from './dependencies.ts';
import { memoryLease } from './lease.testing.ts';

let folder: string;
let stop: Stop;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'begin-test-'));
  for (const file of readdirSync(PROJECT).filter((name) => /^Pulumi.*\.yaml$/.test(name)))
    copyFileSync(join(PROJECT, file), join(folder, file));
  stop = listenForStop();
});
afterEach(() => {
  stop.end();
  rmSync(folder, { recursive: true });
});

/** Why a step to phase 0 was not begun, when the cluster answers so. No stack is there yet. */
async function refusal(error: Error): Promise<unknown> {
  const file = join(folder, 'pulumi');
  writeFileSync(file, "#!/bin/sh\ncase \"$*\" in *'stack ls'*) echo '[]';; esac\n");
  chmodSync(file, 0o755);
  const terminal = new Terminal(false, () => {});
  const cli = { file, shown: 'pulumi', version: '3.265.0' } as const;
  const dependencies = {
    ...REAL_DEPENDENCIES,
    directory: folder,
    openPulumi: () => new Pulumi(cli, folder, terminal),
    leaseFor: memoryLease,
    withCluster: () => Promise.reject(error),
  };
  const options = { target: 'phase0', command: 'evolve', skip: false, dryRun: false } as const;
  return begin(options, terminal, stop, dependencies).catch((refused: unknown) => refused);
}

it('a step says once that the cluster does not answer, however it learnt it', async () => {
  const expected = cliError('EVO-302', { problem: 'There is no kubeconfig' });
  expect(await refusal(new Error('There is no kubeconfig'))).toEqual(expected);
  expect(await refusal(expected)).toEqual(expected);
});
