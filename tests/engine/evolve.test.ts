import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../cli/lib/program/evaluate.ts';
import { keyOf, movable, parseExport } from '../../cli/lib/pulumi/state.ts';
import { type Kill, runCli } from './cli.ts';
import { EngineProject, hasEngine, KUBECONFIG, PROJECT } from './project.ts';

const canRun = hasEngine && KUBECONFIG !== undefined;
if (!canRun)
  console.warn(
    `SKIPPED: tests/engine/evolve.test.ts needs ${hasEngine ? 'EVOLUTION_TEST_KUBECONFIG, a cluster that it may use' : '`pulumi` on the PATH'}.`,
  );

/** Of this run: namespaces of an earlier one may still be on their way out. */
const RUN = `ev-${Date.now().toString(36).slice(-5)}`;
/** The operator is there already; of the rest, what a small cluster has room for. */
const SETTINGS = {
  databaseNamespace: `${RUN}-db`,
  appNamespace: `${RUN}-app`,
  observabilityNamespace: `${RUN}-obs`,
  operatorInstall: 'false',
  prometheusEnabled: 'false',
  grafanaEnabled: 'false',
  storageClass: 'standard',
  databaseCpu: '100m',
  databaseCpuLimit: '1',
  databaseMemory: '512Mi',
  storageSize: '1Gi',
};
const MINUTE = 60_000;
const PHASES = ['phase0', 'phase1', 'phase2'];

/** Where each step is killed with SIGKILL, in the order in which a run gets there; each next run goes on from the one before. */
const KILLS: Readonly<Record<string, readonly Kill[]>> = {
  phase0: [
    { after: /\$ \S*pulumi preview/, delay: 3000, what: 'tree' },
    { after: /Namespace namespaces-database \.\.\./, what: 'tree' },
    { after: /CrdbCluster cluster-crdb \.\.\./, what: 'tree' },
    { after: /NodesLive nodes-live \.\.\./, delay: 2000, what: 'tree' },
    { after: /Deployment app-deployment \.\.\./, what: 'tree' },
  ],
  phase1: [
    { after: /== 1 check/, delay: 500, what: 'tree' },
    { after: /\$ pulumi state move/, file: 'phase1.json', what: 'tree' },
    { after: /\$ pulumi preview/, delay: 1000, what: 'tree' },
    { after: /EvolutionBackup backup \.\.\./, what: 'tree' },
    { after: /CrdbCluster cluster-crdb \.\.\./, what: 'cli' },
  ],
  phase2: [
    { after: /\$ pulumi state move/, file: 'phase2.json', what: 'cli' },
    { after: /CrdbCluster cluster-crdb \.\.\./, what: 'tree' },
    { after: /NodesLive nodes-live \.\.\./, delay: 2000, what: 'tree' },
    { after: /Replication replication \.\.\./, delay: 3000, what: 'tree' },
  ],
};

describe.skipIf(!canRun)('evolve, with the real engine', () => {
  let project: EngineProject;

  const stateFile = (name: string) => join(project.directory, '.state/.pulumi/stacks', PROJECT, name);
  const exported = async (stack: string) =>
    (await project.pulumi('stack', 'export', '--stack', stack)).output;
  const state = async (stack: string) => parseExport(stack, await exported(stack));
  const keys = async (stack: string) =>
    movable(await state(stack))
      .map(({ urn }) => keyOf(urn))
      .sort();

  /** All that the program makes for the phase, and nothing twice, is what the stack owns; no other stack owns anything. */
  async function expectOwned(stack: string): Promise<void> {
    const owned = await keys(stack);
    expect(new Set(owned).size).toBe(owned.length);
    expect(owned).toEqual(await wanted(stack));
    for (const other of PHASES.filter((name) => name !== stack)) expect(await keys(other)).toEqual([]);
    expect((await state(stack)).pending).toEqual([]);
    expect(await project.preview(stack)).toEqual([]);
  }

  async function wanted(stack: string): Promise<string[]> {
    const { resources } = await evaluate(stack, { directory: project.directory });
    return resources
      .filter(({ type }) => type !== 'pulumi:pulumi:Stack' && !type.startsWith('pulumi:providers:'))
      .map(({ urn }) => `${PROJECT}::${urn}`)
      .sort();
  }

  /** No resource is lost by the kill: all that was in some stack before is in one now, or two for a hand-over that was cut. */
  async function everywhere(): Promise<Set<string>> {
    return new Set((await Promise.all(PHASES.map(keys))).flat());
  }

  async function killed(stack: string): Promise<void> {
    for (const kill of KILLS[stack] ?? []) {
      const before = await everywhere();
      const file = kill.file === undefined ? {} : { file: stateFile(kill.file) };
      await runCli(project, ['evolve', stack, '--yes'], { ...kill, ...file });
      const after = await everywhere();
      expect([...before].filter((key) => !after.has(key))).toEqual([]);
    }
  }

  beforeAll(async () => {
    project = new EngineProject(SETTINGS);
    for (const stack of PHASES) await project.init(stack);
  }, 5 * MINUTE);

  afterAll(() => {
    const namespaces = [SETTINGS.databaseNamespace, SETTINGS.appNamespace, SETTINGS.observabilityNamespace];
    execFileSync('kubectl', ['delete', 'namespace', '--ignore-not-found', '--wait=false', ...namespaces], {
      env: { ...process.env, KUBECONFIG },
    });
    project?.remove();
  }, 5 * MINUTE);

  test(
    'a fresh start that is killed again and again ends as if it had not been',
    async () => {
      await killed('phase0');
      const last = await runCli(project, ['evolve', 'phase0', '--yes']);
      expect(last.code, last.output).toBe(0);
      await expectOwned('phase0');
    },
    30 * MINUTE,
  );

  test(
    'a dry run leaves the state of both stacks as it was, byte for byte, and the stacks files too',
    async () => {
      const files = () =>
        PHASES.map((stack) => readFileSync(join(project.directory, `Pulumi.${stack}.yaml`), 'utf8'));
      const before = [await exported('phase0'), await exported('phase1'), ...files()];
      const run = await runCli(project, ['evolve', 'phase1', '--dry-run']);
      expect(run.code, run.output).toBe(0);
      expect(run.output).toContain('nodes: 1 => 2');
      expect([await exported('phase0'), await exported('phase1'), ...files()]).toEqual(before);
    },
    5 * MINUTE,
  );

  test(
    'a skipped phase, and a step while another one is in progress, are refused',
    async () => {
      const skipped = await runCli(project, ['evolve', 'phase2', '--yes']);
      expect(skipped.code).toBe(1);
      expect(skipped.output).toContain('EVO-202');
      expect(skipped.output).toContain('npm run evolve -- phase1');

      const locks = join(project.directory, '.state/.pulumi/locks/organization', PROJECT, 'phase0');
      mkdirSync(locks, { recursive: true });
      const holder = { username: 'ann', timestamp: new Date().toISOString(), hostname: hostname() };
      const sleeper = spawn('bash', ['-c', 'exec -a pulumi sleep 120'], { stdio: 'ignore' });
      try {
        writeFileSync(join(locks, 'test.json'), JSON.stringify({ ...holder, pid: sleeper.pid }));
        const busy = await runCli(project, ['evolve', 'phase1', '--yes']);
        expect(busy.code).toBe(1);
        expect(busy.output).toContain('EVO-205');
      } finally {
        sleeper.kill('SIGKILL');
      }
      // Its process is gone: the lock is left over, and the next runs remove it.
    },
    5 * MINUTE,
  );

  test(
    'from phase0 to phase1, killed at each stage, nothing is lost or duplicated',
    async () => {
      await killed('phase1');
      const last = await runCli(project, ['evolve', 'phase1', '--yes']);
      expect(last.output).toMatch(/Nothing to change|Acknowledged writes lost: 0/);
      await expectOwned('phase1');
    },
    30 * MINUTE,
  );

  test(
    'resources that a hand-over left in both stacks are taken out of one of them',
    async () => {
      const before = stateFile('phase1.json');
      copyFileSync(before, `${before}.kept`);
      const moved = await runCli(project, ['handover', 'phase2']);
      expect(moved.code, moved.output).toBe(0);
      expect(await keys('phase1')).toEqual([]);
      const owned = await keys('phase2');
      // As if it had been killed after it wrote phase2, and before it wrote phase1.
      copyFileSync(`${before}.kept`, before);
      expect(await keys('phase1')).toEqual(owned);
      const again = await runCli(project, ['handover', 'phase2']);
      expect(again.code, again.output).toBe(0);
      expect(again.output).toContain('are in both');
      expect(await keys('phase1')).toEqual([]);
      expect(await keys('phase2')).toEqual(owned);
      const back = await runCli(project, ['handover', 'phase1']);
      expect(back.code, back.output).toBe(0);
      expect(await keys('phase1')).toEqual(owned);
    },
    5 * MINUTE,
  );

  test(
    'a step back is refused, and changes nothing',
    async () => {
      const before = await exported('phase1');
      const back = await runCli(project, ['evolve', 'phase0', '--yes']);
      expect(back.code).toBe(1);
      expect(back.output).toContain('EVO-201');
      expect(back.output).toContain('Next: npm run evolve -- phase2');
      expect(await exported('phase1')).toBe(before);
    },
    5 * MINUTE,
  );

  test(
    'from phase1 to phase2, killed at each stage, nothing is lost or duplicated',
    async () => {
      await killed('phase2');
      const last = await runCli(project, ['evolve', 'phase2', '--yes']);
      expect(last.output).toContain('Acknowledged writes lost: 0');
      await expectOwned('phase2');
      const reports = readdirSync(join(project.directory, 'reports')).filter((name) =>
        name.endsWith('-phase2.json'),
      );
      expect(reports.length).toBeGreaterThan(0);
    },
    30 * MINUTE,
  );

  test(
    'destroying the stacks of earlier phases would delete nothing',
    async () => {
      for (const stack of ['phase0', 'phase1']) {
        const { output } = await project.pulumi('destroy', '--preview-only', '--stack', stack);
        expect(output).not.toMatch(/kubernetes:|dynamic\/evolution|random:|tls:/);
        expect(output.match(/(\d+) to delete/)?.[1] ?? '0').toMatch(/^[0-9]$/);
      }
    },
    5 * MINUTE,
  );
});
