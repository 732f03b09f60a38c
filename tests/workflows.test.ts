import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Documented } from './support/documented.ts';
import { problemOf } from './support/judge.ts';
import { type Known, known } from './support/known.ts';
import { read, repositoryFiles } from './support/repository.ts';
import { shellCommands } from './support/shell.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly 'timeout-minutes'?: number;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly 'timeout-minutes'?: number;
        readonly permissions?: unknown;
        readonly 'runs-on': string;
        readonly steps: readonly Step[];
        readonly strategy?: { readonly matrix?: { readonly node?: readonly string[] } };
      }
    >
  >;
}

const files = [...repositoryFiles()].filter((file) => /^\.github\/workflows\/.*\.ya?ml$/.test(file)).sort();
const workflow = (file: string) => parse(read(file)) as Workflow;
const steps = (file: string) => Object.values(workflow(file).jobs).flatMap((job) => job.steps);
const commands = (file: string): Documented[] =>
  steps(file).flatMap(({ run = '' }) =>
    shellCommands(run).map((command) => ({ ...command, file, recorded: false, functions: [], stacks: [] })),
  );

describe('the workflows', () => {
  it('are the fast checks and the whole evolution', () => {
    expect(files).toEqual(['.github/workflows/ci.yml', '.github/workflows/e2e.yml']);
  });

  describe.each(files)('%s', (file) => {
    let program: Known;
    beforeAll(async () => {
      program = await known();
    }, 240_000);

    it('pins each action to a commit, with its version beside it, and one version of each', () => {
      const uses = [...read(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, value]) => value ?? '');
      expect(uses.length).toBe(steps(file).filter((step) => step.uses !== undefined).length);
      for (const use of uses) expect(use).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      const all = files.flatMap((each) => [...read(each).matchAll(/uses: (\S+)@(\S+)/g)]);
      const commits = new Map(all.map(([, action, commit]) => [action, commit]));
      for (const [, action, commit] of all) expect(commits.get(action)).toBe(commit);
    });

    it('may read the code, and nothing else', () => {
      const { permissions, jobs, on } = workflow(file);
      expect(permissions).toEqual({ contents: 'read' });
      expect(Object.values(jobs).filter((job) => job.permissions !== undefined)).toEqual([]);
      // With a stranger's code it would run with the rights of this repository.
      expect(Object.keys(on)).not.toContain('pull_request_target');
      for (const step of steps(file))
        if (step.uses?.startsWith('actions/checkout@'))
          expect(step.with).toEqual({ 'persist-credentials': false });
      expect(read(file)).not.toMatch(/secrets\./);
    });

    it('puts nothing that a stranger wrote into a shell', () => {
      for (const { run = '' } of steps(file)) expect(run).not.toContain('${{');
    });

    it('ends by itself, on a runner of a named version', () => {
      for (const [name, job] of Object.entries(workflow(file).jobs)) {
        expect(job['timeout-minutes'], name).toBeGreaterThan(0);
        expect(job['timeout-minutes'], name).toBeLessThanOrEqual(180);
        expect(job['runs-on'], name).toMatch(/-\d/);
      }
    });

    it('runs what a person types: npm scripts, flags, stacks and files that there are', () => {
      const problems = commands(file).flatMap((command) => {
        const problem = problemOf(command, program);
        return problem === null ? [] : [`${command.words.join(' ')}: ${problem}`];
      });
      expect(problems).toEqual([]);
      expect(commands(file).map(({ words }) => words.join(' '))).toContain('npm ci');
    });

    it('keeps what it found also when it failed', () => {
      const uploads = steps(file).filter(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
      expect(uploads.length).toBeGreaterThan(0);
      for (const upload of uploads) {
        // `failure()` is not true of a run that took too long: it is cancelled.
        expect(upload.if).toMatch(/^(always\(\)|\$\{\{ !success\(\) \}\})$/);
        expect(upload.with?.path).toContain('reports/');
      }
    });
  });

  it('give each step on a cluster a time of its own, so that the one that hangs is named', () => {
    const own = steps('.github/workflows/e2e.yml').filter(({ run = '' }) => /npm|kind|docker|curl/.test(run));
    expect(own.length).toBeGreaterThan(20);
    for (const step of own) expect(step['timeout-minutes'], step.run).toBeGreaterThan(0);
  });

  it('test on the oldest Node.js that package.json allows', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const oldest = engines.node.replace('>=', '');
    expect(workflow('.github/workflows/ci.yml').jobs.test?.strategy?.matrix?.node?.[0]).toBe(`${oldest}.0`);
  });

  it('go all the way, in the order of the evolution', () => {
    const typed = commands('.github/workflows/e2e.yml').map(({ words }) => words.join(' '));
    const way = [
      'npm run demo -- --yes',
      'npm run backup',
      'npm run restore-check',
      'npm run evolve -- phase1 --yes',
      'npm run evolve -- phase2 --yes',
      'npm run drill -- pod-kill --yes',
      'npm run teardown -- --name crdb/crdb',
      'npm run test:cluster',
    ];
    const places = way.map((command) => typed.indexOf(command));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});

describe('what surrounds the code', () => {
  const container = JSON.parse(read('.devcontainer/devcontainer.json')) as Record<string, unknown>;

  it('uses the same kind and kubectl in the dev container and in the workflow', () => {
    const setups = steps('.github/workflows/e2e.yml').filter(({ uses }) =>
      uses?.startsWith('helm/kind-action@'),
    );
    expect(setups.length).toBeGreaterThan(0);
    const features = container.features as Record<string, Record<string, string>>;
    const kubectl = features['ghcr.io/devcontainers/features/kubectl-helm-minikube:1']?.version;
    for (const setup of setups) {
      expect(container.updateContentCommand).toContain(`sigs.k8s.io/kind@${setup.with?.version}`);
      expect(`v${kubectl}`).toBe(setup.with?.kubectl_version);
    }
  });

  it('forwards the ports that the commands of the program lead to', () => {
    expect(container.forwardPorts).toEqual([8080, 3000, 9090]);
  });

  it('asks for updates of everything that is pinned, and holds back only what there is', () => {
    const { updates } = parse(read('.github/dependabot.yml')) as {
      updates: { 'package-ecosystem': string; ignore?: { 'dependency-name': string }[] }[];
    };
    expect(updates.map((update) => update['package-ecosystem']).sort()).toEqual([
      'devcontainers',
      'docker',
      'github-actions',
      'npm',
    ]);
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    const npm = updates.find((update) => update['package-ecosystem'] === 'npm');
    for (const { 'dependency-name': name } of npm?.ignore ?? [])
      expect({ ...dependencies, ...devDependencies }).toHaveProperty([name]);
  });
});
