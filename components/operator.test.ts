import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFESTS } from './operator/manifest.testing.ts';
import type { OperatorArgs } from './operator.ts';

const ROOT = join(__dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'operator-'));
const manifest = join(directory, 'cockroach-operator.yaml');
const result = join(directory, 'made.json');

afterAll(() => rmSync(directory, { recursive: true }));

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: {
    objs: unknown[];
    installed: string;
    namespace: string;
    timeoutSeconds: number;
    __provider: string;
  };
}

/**
 * What operators of these arguments are made of, in turn. It runs as the program does, by tsx: the provider of a
 * dynamic resource is serialised, and vitest's own way of loading modules does not survive that.
 */
function operators(...differences: Partial<OperatorArgs>[]): { group?: Made; ready: Made }[] {
  const args = {
    manifest,
    install: true,
    cockroachVersion: 'v26.2.5',
    gates: [],
    context: '',
    namespace: 'crdb',
  };
  const program = `
    const pulumi = require('@pulumi/pulumi');
    const { Operator } = require('./components/operator.ts');
    const made = [];
    pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        made.push({ type, name, inputs });
        return { id: name, state: inputs };
      },
      call: () => ({}),
    });
    const variants = ${JSON.stringify(differences.map((more) => ({ ...args, ...more })))};
    variants.forEach((args, i) => new Operator('operator' + i, args));
    process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(result)}, JSON.stringify(made)));
  `;
  execFileSync(process.execPath, ['--import', 'tsx', '-e', program], { cwd: ROOT, stdio: 'pipe' });
  const made = JSON.parse(readFileSync(result, 'utf8')) as Made[];
  return differences.map((_, i) => {
    const group = made.find((m) => m.name === `operator${i}-manifests`);
    return { ...(group ? { group } : {}), ready: made.find((m) => m.name === `operator${i}-ready`) as Made };
  });
}

describe.each(MANIFESTS)('the operator of $name', ({ text, objects }) => {
  let operator: ReturnType<typeof operators>[number];
  let same: typeof operator;
  let gated: typeof operator;
  let found: typeof operator;

  beforeAll(() => {
    writeFileSync(manifest, text);
    [operator, same, gated, found] = operators(
      {},
      {},
      { gates: ['TolerationRules'] },
      { install: false, manifest: 'not-read.yaml' },
    ) as [typeof operator, typeof operator, typeof operator, typeof operator];
  });

  it('is its published objects and a gate that waits for its webhook', () => {
    expect(operator.group?.type).toBe('kubernetes:yaml/v2:ConfigGroup');
    expect(operator.group?.inputs.objs).toHaveLength(objects);
    expect(operator.ready.type).toBe('pulumi-nodejs:dynamic/evolution:OperatorReady');
    expect(operator.ready.inputs).toMatchObject({ namespace: 'crdb', timeoutSeconds: 180 });
  });

  it('that is there already is only waited for', () => {
    expect(found.group).toBeUndefined();
    expect(found.ready.inputs.installed).toBe('external');
  });

  it('is asked again when what is installed changes, and only then', () => {
    expect(same.ready.inputs.installed).toBe(operator.ready.inputs.installed);
    expect(gated.ready.inputs.installed).not.toBe(operator.ready.inputs.installed);
  });

  it('has a gate whose provider works when it is loaded from the state, in a bare process', () => {
    const text = operator.ready.inputs.__provider;
    // With the reading of kubeconfigs it is 22 kB; a library captured by value would be hundreds.
    expect(text.length).toBeLessThan(25_000);
    const olds = { context: 'a', namespace: 'crdb', timeoutSeconds: 180, installed: '1' };
    const program = `
      const module_ = { exports: {} };
      new Function('exports', 'require', ${JSON.stringify(text)})(module_.exports, require);
      const provider = module_.exports.handler();
      const olds = ${JSON.stringify(olds)};
      const target = { ...olds, context: '', timeoutSeconds: 0 };
      (async () => {
        const diffs = [{ context: 'b' }, { timeoutSeconds: 1 }, { installed: '2' }, { namespace: 'other' }];
        const changes = await Promise.all(diffs.map((more) => provider.diff('operator', olds, { ...olds, ...more })));
        const before = { ...olds, installed: 'by someone else' };
        changes.push(await provider.diff('operator', before, { ...olds, installed: 'external' }));
        changes.push(await provider.diff('operator', before, { ...olds, installed: '1' }));
        const failure = await provider.create(target).catch((error) => error.message);
        console.log(JSON.stringify({ changes: changes.map((d) => d.changes), failure }));
      })();
    `;
    const kubeconfig = join(directory, 'kubeconfig');
    const nowhere = {
      clusters: [{ name: 'n', cluster: { server: 'https://127.0.0.1:9' } }],
      contexts: [{ name: 'n', context: { cluster: 'n', user: 'n' } }],
      users: [{ name: 'n', user: {} }],
      'current-context': 'n',
    };
    writeFileSync(kubeconfig, JSON.stringify(nowhere));
    const output = execFileSync(process.execPath, ['-e', program], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: kubeconfig },
    });
    const seen = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    // The last two: what a state says that an earlier version has written is no change, and an operator of one's own is one.
    expect(seen.changes).toEqual([false, false, true, true, false, true]);
    expect(seen.failure).toMatch(/answer of the operator's webhook.*ECONNREFUSED/);
  });
});
