import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Terminal } from '../../ui/terminal.ts';
import { PHASES, target } from '../cluster/cluster.testing.ts';
import { refuseRenamed } from './renamed.ts';
import { Pulumi } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'renamed-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const GUARD = 'pulumi-nodejs:dynamic/evolution:Guard';
const guard = (address: object, nodes = 1) => ({
  urn: `urn:pulumi:x::p::${GUARD}::guard`,
  type: GUARD,
  inputs: { address, nodes, replicationFactor: nodes },
});

/** Why it is refused where the backend has these stacks, each with its resources; undefined when it is not. */
async function refusal(stacks: Record<string, object[]>, phases = PHASES): Promise<unknown> {
  const file = join(folder, 'pulumi');
  const names = Object.keys(stacks).map((name) => ({ name }));
  const exports = Object.entries(stacks).map(
    ([name, resources]) =>
      `"stack export --stack ${name}"*) echo '${JSON.stringify({ deployment: { resources } })}';;`,
  );
  const script = `#!/bin/sh\ncase "$*" in\n"stack ls"*) echo '${JSON.stringify(names)}';;\n${exports.join('\n')}\nesac\n`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  const cli = { file, shown: 'pulumi', version: '3.265.0' } as const;
  return refuseRenamed(new Pulumi(cli, folder, new Terminal(false, () => {})), phases).catch(
    (error: unknown) => error,
  );
}
const HERE = { context: '', namespace: 'crdb' };

describe('a stack that was renamed', () => {
  it('is named, with what it owns and the name of the phase whose file is missing', async () => {
    const [, ...rest] = PHASES;
    expect(await refusal({ demo: [guard(HERE)] }, rest)).toMatchObject({
      code: 'EVO-209',
      message: expect.stringMatching(/^Stack demo owns the CockroachDB cluster in namespace crdb/),
      next: expect.stringContaining('pulumi stack rename phase0 -s demo'),
    });
  });

  it('is given the name of the phase that its cluster is at, where all files are there', async () => {
    expect(await refusal({ phase0: [], talk: [guard(HERE, 2)] })).toMatchObject({
      next: expect.stringContaining('pulumi stack rename phase1 -s talk'),
    });
  });

  it('is none that owns nothing, or the cluster of another namespace or context', async () => {
    const elsewhere = [guard({ ...HERE, namespace: 'other' })];
    const there = [guard({ ...HERE, context: 'prod' })];
    expect(await refusal({ empty: [], elsewhere, there, phase0: [] })).toBeUndefined();
    expect(await refusal({ there }, [target({ context: 'prod' })])).toMatchObject({ code: 'EVO-209' });
  });
});
