import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER, LOAD } from '../../components/names.ts';
import { runCli } from '../engine/cli.ts';
import { EngineProject } from '../engine/project.ts';
import {
  givenSettings,
  hasOperator,
  keepLogs,
  kubectl,
  MISSING,
  ownNamespaces,
} from '../support/test-cluster.ts';

if (MISSING.length > 0)
  console.warn(`SKIPPED: tests/cluster/assumptions.test.ts needs ${MISSING.join(' and ')}.`);

const MINUTES = 60_000;

// What the design takes for granted of CockroachDB, by its documentation and source alone. Here are those of one node; the others are
// in flow.test.ts and in tests/cockroach/. Each says what was seen.
describe.skipIf(MISSING.length > 0)('assumptions about CockroachDB on one node', () => {
  const namespaces = ownNamespaces('assume');
  const database = namespaces.databaseNamespace;
  let project: EngineProject;

  const version = () => {
    const client = ['/cockroach/cockroach', 'sql', '--certs-dir=/cockroach/cockroach-certs'];
    const statement = ['--format=tsv', '-e', 'SELECT version()'];
    return kubectl('exec', '-n', database, `${CLUSTER}-0`, '-c', 'db', '--', ...client, ...statement);
  };
  const podIs = (what: 'deleted' | 'ready', seconds: number) => {
    const condition = what === 'deleted' ? '--for=delete' : '--for=condition=Ready';
    kubectl('wait', condition, `pod/${CLUSTER}-0`, '-n', database, `--timeout=${seconds}s`);
  };

  beforeAll(async () => {
    project = new EngineProject({
      ...givenSettings(),
      ...namespaces,
      prometheusEnabled: 'false',
      grafanaEnabled: 'false',
      ...(hasOperator() ? { operatorInstall: 'false' } : {}),
    });
    await project.init('phase0');
    const up = await runCli(project, ['evolve', 'phase0', '--yes']);
    expect(up.code, up.output).toBe(0);
  }, 25 * MINUTES);

  afterAll(() => {
    keepLogs(...Object.values(namespaces));
    kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
    project?.remove();
  }, 2 * MINUTES);

  it('the data of the load is there within 10 minutes', () => {
    const job = JSON.parse(kubectl('get', 'job', `${LOAD}-init`, '-n', database, '-o', 'json'));
    const { startTime, completionTime, failed = 0 } = job.status;
    const seconds = (Date.parse(completionTime) - Date.parse(startTime)) / 1000;
    console.log(`assumption: the init took ${seconds} s, with ${failed} failed tries`);
    expect(seconds).toBeLessThan(600);
    expect(failed).toBe(0);
  });

  it(
    'a backup can be taken and restored on one copy, and the contents of every table can be compared',
    async (context) => {
      const backup = await runCli(project, ['backup', '--json']);
      expect(backup.code, backup.output).toBe(0);
      const restored = await runCli(project, ['restore-check', '--json']);
      expect(restored.code, restored.output).toBe(0);
      const { tables } = JSON.parse(restored.stdout) as { tables: { table: string; content: string }[] };
      if (/stand-in/.test(version())) {
        console.warn(
          'SKIPPED: whether contents are compared. This database is a stand-in without fingerprints.',
        );
        return context.skip();
      }
      console.log(`assumption: compared ${tables.map((t) => `${t.table}: ${t.content}`).join(', ')}`);
      expect(tables.length).toBeGreaterThan(5);
      expect(tables.filter(({ content }) => content === 'not compared')).toEqual([]);
    },
    15 * MINUTES,
  );

  it(
    'the only node drains within 120 s and is back within 180 s, though two addresses of its join list have no pod',
    async () => {
      const start = Date.now();
      kubectl('delete', 'pod', `${CLUSTER}-0`, '-n', database, '--wait=false');
      podIs('deleted', 120);
      const drained = (Date.now() - start) / 1000;
      await expect
        .poll(() => kubectl('get', 'pod', `${CLUSTER}-0`, '-n', database, '--ignore-not-found', '-o', 'name'))
        .not.toBe('');
      podIs('ready', 180);
      const back = (Date.now() - start) / 1000 - drained;
      console.log(
        `assumption: drained in ${drained.toFixed(0)} s, ready again ${back.toFixed(0)} s after that`,
      );
      const check = async () => (await runCli(project, ['check'])).code;
      await expect.poll(check, { timeout: 3 * MINUTES, interval: 5000 }).toBe(0);
    },
    10 * MINUTES,
  );
});
