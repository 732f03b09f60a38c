import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandsOf, type Documented, documentedCommands } from './support/documented.ts';
import { problemOf } from './support/judge.ts';
import { type Known, known } from './support/known.ts';
import { readMarkdown } from './support/markdown.ts';
import { markdownFiles, ROOT, read } from './support/repository.ts';

const run = promisify(execFile);
const documented = documentedCommands();
const typed = ({ words }: Documented) => words.join(' ');
const scriptOf = ({ words }: Documented) => (words[1] === 'run' ? words[2] : words[1]);
const ofNpm = documented.filter(({ words }) => words[0] === 'npm');

/**
 * Where each npm script that the documentation names is run, and the words there that run it. A new one needs a line here: nothing is told
 * that nobody tries. What needs a cluster is run by hand and by e2e.yml.
 */
const FLOW = 'tests/cluster/flow.test.ts';
const RUN_IN: Readonly<Record<string, readonly [file: string, words: string]>> = {
  rehearse: ['tests/support/rehearsal.ts', "'rehearse'"],
  replay: ['tests/replay.test.ts', "'replay'"],
  diff: ['tests/commands.test.ts', 'npm run diff -- phase0 phase1'],
  render: ['tests/manifests.test.ts', "'render'"],
  dashboards: ['tests/dashboards.test.ts', 'are what the source makes'],
  doctor: ['.github/workflows/e2e.yml', 'npm run doctor'],
  demo: ['.github/workflows/e2e.yml', 'npm run demo'],
  stage: [FLOW, "'stage'"],
  evolve: ['tests/cluster/flow-project.ts', "'evolve'"],
  handover: ['tests/engine/evolve.test.ts', "'handover'"],
  status: [FLOW, "'status'"],
  check: [FLOW, "'check'"],
  backup: [FLOW, "'backup'"],
  'restore-check': [FLOW, "'restore-check'"],
  drill: [FLOW, "'drill'"],
  teardown: [FLOW, "'teardown'"],
  build: ['.github/workflows/ci.yml', 'npm run build'],
  start: ['app/Dockerfile', '"dist/main.js"'],
  test: ['.ci/run', 'npm test'],
  lint: ['package.json', 'npm run lint'],
  'lint:fix': ['package.json', 'biome check --write'],
  types: ['package.json', 'npm run types'],
  'test:unit': ['package.json', 'npm run test:unit'],
  'test:whole': ['.ci/run', 'npm run test:whole'],
  'test:cluster': ['.github/workflows/e2e.yml', 'npm run test:cluster'],
  'test:cockroach': ['.ci/run', 'npm run test:cockroach'],
  'test:engine': ['vitest.config.mts', "'engine'"],
  'test:faults': ['vitest.config.mts', "'faults'"],
  bench: ['bench/main.ts', "new Command('bench')"],
};

let program: Known;
// It loads the whole command line, and with it Pulumi.
beforeAll(async () => {
  program = await known();
}, 240_000);

describe('the commands in the documentation', () => {
  const problems = (commands: readonly Documented[]) =>
    commands.flatMap((command) => {
      const problem = problemOf(command, program);
      return problem === null ? [] : [`${command.file}:${command.line}: ${typed(command)}: ${problem}`];
    });

  it.each(markdownFiles())(
    'in %s can be typed: scripts, flags, stacks, settings, names and files exist',
    (file) => {
      expect(problems(documented.filter((command) => command.file === file))).toEqual([]);
    },
  );

  it('are the ones in the README that everything begins with, and name most of what there is', () => {
    const [first, second, third] = readMarkdown(read('README.md')).blocks[0]?.text.split('\n') ?? [];
    expect(first).toMatch(/^npm ci && npm run rehearse\b/);
    expect(second).toMatch(/^npm run rehearse -- --database cockroach\b/);
    expect(third).toMatch(/^npm ci && npm test\b/);
    expect(ofNpm.length).toBeGreaterThan(50);
  });

  it('tell of every command of the command line, in docs/commands.md', () => {
    const told = new Set(commandsOf('docs/commands.md', read('docs/commands.md')).map(scriptOf));
    expect(
      program.cli.commands.map((command) => command.name()).filter((command) => !told.has(command)),
    ).toEqual([]);
    const text = read('docs/commands.md');
    const flags = program.cli.commands.flatMap((command) => command.options.map(({ long }) => long ?? ''));
    expect(
      flags.filter((flag) => !text.includes(`\`${flag}`) && !read('docs/rehearsal.md').includes(`\`${flag}`)),
    ).toEqual([]);
  });

  it('are all run somewhere: without a cluster by these tests, the others on one', () => {
    const names = new Set(ofNpm.flatMap((command) => scriptOf(command) ?? []));
    const scripts = [...names].filter((name) => name in program.scripts || name in program.appScripts);
    expect(scripts.filter((name) => RUN_IN[name] === undefined)).toEqual([]);
    for (const name of scripts) {
      const [file = '', words = ''] = RUN_IN[name] ?? [];
      expect(read(file), `${file} runs ${name}`).toContain(words);
    }
  });

  it('that compare phases work word for word', { timeout: 600_000 }, async () => {
    const words = new Map(
      ofNpm
        .filter(
          (command) =>
            scriptOf(command) === 'diff' && command.words.length > 4 && !typed(command).includes('<'),
        )
        .map((command) => [typed(command), command.words]),
    );
    expect([...words.keys()]).toContain('npm run diff -- phase0 phase1');
    for (const [, [npm = '', ...args]] of words) {
      const { stdout } = await run(npm, args, { cwd: ROOT });
      expect(stdout.length).toBeGreaterThan(0);
    }
  });

  const cli = pulumiOfThisMachine();
  if (cli === null)
    console.warn('SKIPPED: no Pulumi CLI on the PATH, so its flags in the documentation are not looked up.');
  it.skipIf(cli === null)('give Pulumi flags that it has', { timeout: 120_000 }, () => {
    const helps = new Map<string, string>();
    const wrong = documented.flatMap((command) => {
      const words = command.words[0] === 'npx' ? command.words.slice(1) : command.words;
      if (words[0] !== 'pulumi' || words.length === 1) return [];
      const end = words.findIndex((word, i) => i > 0 && !/^[a-z][a-z-]*$/.test(word));
      const path = words.slice(1, end < 0 ? undefined : end);
      const help = helpOf(cli ?? '', path, helps);
      return words
        .filter((word) => /^--?[a-z]/.test(word))
        .map((word) => word.replace(/=.*/, ''))
        .filter((flag) => !new RegExp(`(^|[\\s,])${flag}[\\s,=]`, 'm').test(help))
        .map((flag) => `${command.file}:${command.line}: ${typed(command)}: no ${flag}`);
    });
    expect(wrong).toEqual([]);
  });

  describe('are refused', () => {
    const judged = (markdown: string) => problems(commandsOf('x.md', markdown));

    it.each([
      '    npm run evolv -- phase1',
      '    npm run evolve -- phase1 --dryrun',
      '    npm run evolve -- phase9',
      '    npm run evolve phase1 --yes',
      '    npm run diff -- phase0',
      '    npm run drill -- pod-hug',
      '    npm run drill -- node-loss --seconds 3',
      '    npm run rehearse -- --port many',
      '    npm run check -- phase1 phase2',
      '    npm start --workspace page',
      '    pulumi up -s phase9',
      '    FOO=1 npx pulumi config set platfrom kind -s phase0',
      '    x=$(pulumi stack output openn -s phase0)',
      '    kubectl -n sample-ap get pods',
      '    kubectl -n sample-app rollout restart deployment/sampleapp',
      '    kubectl apply -f k8s/phase0/39-cluster.yaml',
      '    docker build -t sample-app:0.2.0 .',
      '    nmp ci',
      '    psql -f sql/00.sql',
      '```console\n$ npm run demoo\nnpm run nothing\n```',
      'Type `npm run evolve --\nphase7`.',
      '- one\n\n      npm run nothing\n',
    ])('%j', (markdown) => {
      expect(judged(markdown)).toHaveLength(1);
    });

    it.each([
      '    npm run evolve -- phase1 --yes && npm run check # npm run nothing',
      '    npm run evolve -- <phase> --skip',
      '    kubectl -n crdb exec -i crdb-0 -c db -- /nothing "$@" > out.txt 2>&1',
      '    pulumi stack init eks0\n    pulumi up -s eks0',
      "    pulumi config set --secret licence '...' -s phase0",
      '    sql() { kubectl -n crdb get pods; }\n    sql < sql/00-bootstrap.sql',
      '```yaml\nnpm: run nothing\n```',
      'Either `npm run evolve` or `npm run`.',
    ])('not %j', (markdown) => {
      expect(judged(markdown)).toEqual([]);
    });

    it('with their line, also within a list', () => {
      expect(judged('# A\n\n- one\n\n      npm ci\n      npm run no\n')).toEqual([
        'x.md:6: npm run no: there is no script no',
      ]);
    });
  });
});

/** The folders of npm packages stand in front of the PATH; their `pulumi` would fetch the CLI from the network. */
function pulumiOfThisMachine(): string | null {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  for (const file of folders.map((folder) => join(folder, 'pulumi')))
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next folder.
    }
  return null;
}

/** Of the longest part of the path that is a command. */
function helpOf(cli: string, path: readonly string[], helps: Map<string, string>): string {
  const key = path.join(' ');
  const found = helps.get(key) ?? execFileSync(cli, [...path, '--help'], { encoding: 'utf8', stdio: 'pipe' });
  helps.set(key, found);
  return found;
}
