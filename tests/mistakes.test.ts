import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyProject, type Ended, runCommand, runScript } from './support/checkout.ts';
import { read } from './support/repository.ts';

// What a user's slip is answered with, by the commands as real processes, in a copy of the project.
const directory = mkdtempSync(join(tmpdir(), 'mistakes-test-'));
const PHASE0 = read('Pulumi.phase0.yaml');
beforeAll(() => copyProject(directory));
beforeEach(() => writeFileSync(join(directory, 'Pulumi.phase0.yaml'), PHASE0));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...args: string[]) =>
  runCommand(directory, args, { PULUMI_CONFIG_PASSPHRASE: 'test', KUBECONFIG: join(directory, 'none') });
const set = (...lines: string[]) =>
  appendFileSync(
    join(directory, 'Pulumi.phase0.yaml'),
    lines.map((line) => `  cockroachdb-live-evolution:${line}\n`).join(''),
  );

/** It says what is wrong and what to do next, and nothing of the sources. */
function expectHelpful({ code, out, err }: Ended, ...parts: (string | RegExp)[]): void {
  const text = `${out}${err}`;
  for (const part of parts)
    if (typeof part === 'string') expect(text).toContain(part);
    else expect(text).toMatch(part);
  expect(code, text).toBeGreaterThan(0);
  expect(text).toMatch(/^Next: \S/m);
  expect(text).not.toMatch(/^\s+at /m);
  expect(text).not.toMatch(/Invalid input|Too (small|big)|\.ts:\d/);
}

describe('a setting that cannot work', () => {
  it('is refused by diff and by render, with the nearest name, the file and the command', async () => {
    set('databaseMemroy: 4Gi', 'storageSize: 0', 'databaseCpu: 3');
    const answers = await Promise.all([
      run('diff', 'phase0', 'phase1'),
      run('render', '--out', join(directory, 'out')),
    ]);
    for (const answer of answers)
      expectHelpful(
        answer,
        'EVO-208: The settings of phase0 (Pulumi.phase0.yaml) cannot work:',
        'databaseMemroy is not a setting; the nearest is databaseMemory: pulumi config rm databaseMemroy -s phase0',
        'storageSize is "0", and must be 640Mi or more',
      );
  });

  it('is a finding of the doctor, one for each, beside all other findings', async () => {
    set('databaseMemroy: 4Gi', 'databaseCpu: 3');
    const { code, out } = await run('doctor', '--json');
    expect(code).toBe(1);
    const { findings } = JSON.parse(out) as { findings: { what: string; detail: string; fix?: string }[] };
    const settings = findings.filter(({ what }) => what === 'settings');
    expect(settings).toMatchObject([
      {
        detail: 'databaseMemroy is not a setting; the nearest is databaseMemory (Pulumi.phase0.yaml)',
        fix: 'npx pulumi config rm databaseMemroy -s phase0',
      },
      { fix: 'npx pulumi config set databaseCpuLimit 3 -s phase0' },
    ]);
    expect(findings.map(({ what }) => what)).toEqual(expect.arrayContaining(['node', 'licence', 'secrets']));
  });

  it('is refused before a hand-over, and before a look at a cluster if the look needs it', async () => {
    set('databaseCpu: 3');
    expectHelpful(
      await run('evolve', 'phase0', '--yes'),
      'EVO-208',
      'databaseCpu is 3, and above databaseCpuLimit',
    );
    writeFileSync(join(directory, 'Pulumi.phase0.yaml'), 'config:\n  nodes: two\n');
    expectHelpful(await run('status', 'phase0'), 'EVO-208', 'nodes is "two", and must be a whole number');
  });

  it('is found outside of "config" too, where Pulumi does not look', async () => {
    writeFileSync(join(directory, 'Pulumi.phase0.yaml'), `${PHASE0}nodeCount: 3\nencryptionsalt: v1:x\n`);
    const { out } = await run('doctor');
    expect(out).toContain('nodeCount is outside of "config"');
    expect(out).not.toMatch(/encryptionsalt/);
  });
});

describe('a file of a stack that is not YAML', () => {
  it('is named with its line, and ends nothing that does not need it', async () => {
    writeFileSync(join(directory, 'Pulumi.phase0.yaml'), 'config:\n  a: 1\n  b: [1\n');
    expectHelpful(
      await run('diff', 'phase0', 'phase1'),
      /EVO-705: Pulumi\.phase0\.yaml cannot be read, line \d/,
    );
    expectHelpful(await run('evolve', 'phase1', '--yes'), 'EVO-705: Pulumi.phase0.yaml');
    expect((await run('diff', 'phase1', 'phase2')).code).toBe(0);
    const { out } = await run('doctor');
    expect(out).toMatch(/MISSING {2}settings +Pulumi\.phase0\.yaml cannot be read, line/);
    expect(out).toMatch(/ok +node /);
    expect(out).toMatch(/licence +none for/);
  });

  it.each([
    ['just words', 'it is not a table'],
    ['config: [1, 2]\n', 'its "config" is not a table'],
    ['config:\n  a: 1\n  a: 2\n', 'line 3: Map keys must be unique'],
  ])('is told from one that holds %j', async (content, problem) => {
    writeFileSync(join(directory, 'Pulumi.phase0.yaml'), content);
    expectHelpful(await run('diff', 'phase0', 'phase1'), 'EVO-705: Pulumi.phase0.yaml', problem);
  });
});

describe('a wrong argument', () => {
  it.each<[string[], string]>([
    [['evolve', 'banana'], 'EVO-103: There is no phase banana. The phases are phase0, phase1, phase2.'],
    [['diff', 'phase9', 'phase0'], 'EVO-103: There is no stack phase9'],
    [['render', '--phase', 'banana'], 'EVO-103: There is no stack banana'],
    [['evolve'], "missing required argument 'phase'\nNext: npm run evolve -- --help"],
    [['diff', 'phase0'], "missing required argument 'to'\nNext: npm run diff -- --help"],
    [['evolve', 'phase1', '--yse'], "unknown option '--yse'\n(Did you mean --yes?)"],
    [['banana'], "unknown command 'banana'\nNext: npm run"],
  ])('is answered: %j', async (args, answer) => {
    expectHelpful(await run(...args), answer);
  });

  it('of render, a folder that cannot be written, is answered', async () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    expectHelpful(
      await run('render', '--phase', 'phase0', '--out', file),
      `EVO-706: ${file}/operator cannot be written`,
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'of render, a folder where nobody can make anything, is answered and not waited for',
    async () => {
      expectHelpful(
        await run('render', '--phase', 'phase0', '--out', '/proc/nowhere'),
        'EVO-706: /proc/nowhere/operator cannot be written: ENOENT',
      );
    },
    60_000,
  );

  it('of diff, a step back, is told to be one that the Guard refuses', async () => {
    const { code, out } = await run('diff', 'phase2', 'phase0');
    expect(code).toBe(0);
    expect(out).toMatch(/The Guard refuses this in the preview:\n {2}- .*only ever grows/);
    expect((await run('diff', 'phase0', 'phase1')).out).not.toContain('The Guard refuses');
    set('storageSize: 1Gi');
    expect((await run('diff', 'phase2', 'phase0')).out).toContain('storageSize is 1Gi, and was 10Gi: a disk');
  });
});

describe('npm run dashboards', () => {
  it('helps when it is asked to, and writes nothing then', async () => {
    const file = join(directory, 'dashboards', 'sample-app.json');
    writeFileSync(file, 'as it was');
    const generate = ['dashboards/source/generate.ts'];
    const helped = await runScript(directory, [...generate, '--help']);
    expect(helped).toMatchObject({ code: 0, out: expect.stringContaining('Usage: dashboards') });
    expect(readFileSync(file, 'utf8')).toBe('as it was');
    expectHelpful(await runScript(directory, [...generate, '--hlep']), "unknown option '--hlep'");
  });
});
