import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../cli/lib/machine/scratch.ts';
import { replicationScript } from '../replication.ts';

// The engine stores each provider as text in the state, and runs that text in a process of its own.
const run = promisify(execFile);
const ROOT = resolve(__dirname, '../..');
const scratch = new Scratch();
let texts: Record<string, string>;

beforeAll(async () => {
  const script = join(__dirname, 'serialize.testing.ts');
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script], { cwd: ROOT, maxBuffer: 1e8 });
  texts = JSON.parse(stdout);
});

afterAll(() => scratch.remove());

const address = { context: '', namespace: 'crdb' };
const script = { file: 'x.sql', lines: '1', statements: ['SELECT 1'] };
/** Valid inputs of each provider, and one change of them. */
const INPUTS: Record<string, [object, object]> = {
  backup: [{ address, destination: 'nodelocal://1/x', nodes: 1, replicationFactor: 1 }, { nodes: 2 }],
  guard: [
    {
      address,
      nodes: 1,
      replicationFactor: 1,
      podTemplate: { a: 1 },
      allowPodRestart: false,
      storageClass: '',
    },
    { nodes: 2 },
  ],
  'nodes-live': [{ address, nodes: 1, version: 'v1' }, { nodes: 2 }],
  'operator-ready': [
    { context: '', namespace: 'crdb', timeoutSeconds: 1, installed: 'abc' },
    { installed: 'external' },
  ],
  replication: [{ address, nodes: 1, replicationFactor: 1, ...replicationScript(1) }, { nodes: 2 }],
  settings: [{ address, settings: { 'a.b': 'x' } }, { settings: { 'a.b': 'y' } }],
  'sql-file': [{ address, ...script }, { statements: ['SELECT 2'] }],
  user: [{ address, user: 'u', password: 'p', ...script }, { password: 'q' }],
};

/** Loads the text the way the engine's host of dynamic providers does, in a bare Node process, and calls it. */
async function call(name: string): Promise<unknown> {
  const [inputs, change] = INPUTS[name] ?? [];
  const file = scratch.path(`${name}.cjs`);
  writeFileSync(
    file,
    `
    const { readFileSync } = require('node:fs');
    const load = require('require-from-string');
    const [text, inputs, change] = JSON.parse(readFileSync(0, 'utf8'));
    const provider = load(text).handler();
    (async () => {
      const checked = await provider.check(inputs, inputs);
      const same = await provider.diff('id', inputs, { ...inputs, __provider: 'newer code' });
      const other = await provider.diff('id', inputs, { ...inputs, ...change });
      const methods = ['create', 'update'].map((name) => typeof provider[name]);
      console.log(JSON.stringify({ failures: checked.failures, same, other, methods }));
    })();`,
  );
  const child = execFile(process.execPath, [file], {
    cwd: ROOT,
    env: { ...process.env, NODE_PATH: join(ROOT, 'node_modules'), NODE_OPTIONS: '' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin?.end(JSON.stringify([texts[name], inputs, change]));
  await new Promise((resolve) => child.on('close', resolve));
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.each(Object.keys(INPUTS))('the serialised provider %s', (name) => {
  it('loads in a bare Node process, and checks and compares there', async () => {
    expect(await call(name)).toEqual({
      failures: [],
      same: expect.objectContaining({ changes: false }),
      other: expect.objectContaining({ changes: true }),
      methods: ['function', 'function'],
    });
  });

  it('holds no path of the machine that it was made on, and no code of what it loads', () => {
    const text = texts[name] ?? '';
    expect(text).not.toContain(ROOT);
    expect(text).not.toMatch(/\/(home|root|Users|work|tmp)\//);
    expect(text).toContain('./components/providers/load.cjs');
    // Each resource has it twice in the state.
    expect(text.length).toBeLessThan(2000);
  });
});

it('covers every provider', () => {
  expect(Object.keys(texts).sort()).toEqual(Object.keys(INPUTS).sort());
});
