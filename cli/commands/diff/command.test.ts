import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function diff(...args: string[]): Promise<Ended> {
  const command = ['--import', 'tsx', 'cli/main.ts', 'diff', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: join(__dirname, '../../..') }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

describe('npm run diff', { timeout: 120_000 }, () => {
  it('tells what a step changes, in colour only where that is wanted', async () => {
    const plain = await diff('phase0', 'phase1', '--no-color');
    expect(plain.code, plain.err).toBe(0);
    expect(plain.out).toContain('phase0 -> phase1');
    expect(plain.out).toMatch(
      /cluster\n {2}~ {2}cluster-crdb {2}CrdbCluster crdb\/crdb\n {7}spec\.nodes: 1 => 2\n/,
    );
    expect(plain.out).toMatch(/ unchanged\. Nothing is replaced or deleted\.\n$/);
    expect(plain.out).not.toContain('\u001b');
  });

  it('gives the same as JSON', async () => {
    const { code, out } = await diff('phase1', 'phase2', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(found).toMatchObject({ from: 'phase1', to: 'phase2', unchanged: expect.any(Number) });
    const cluster = found.changes.find(
      (c: { resource: { name: string } }) => c.resource.name === 'cluster-crdb',
    );
    expect(cluster).toMatchObject({
      action: 'update',
      properties: [{ path: 'spec.nodes', before: 2, after: 3 }],
    });
  });

  it('ends with 2 when it cannot know what is asked, and says what there is', async () => {
    const unknown = await diff('phase0', 'phase9');
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.err).toMatch(/There is no stack phase9: .* The stacks are .*phase0, phase1, phase2/);
    expect(await diff('phase0')).toMatchObject({ code: 2, err: expect.stringContaining('missing required') });
    expect((await diff('--help')).code).toBe(0);
  });
});
