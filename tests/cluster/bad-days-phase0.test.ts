import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../engine/cli.ts';
import { kubectl, MISSING } from '../support/test-cluster.ts';
import { BrokenProjects, evolveUntil, MINUTES, sql } from './broken-projects.ts';

if (MISSING.length > 0)
  console.warn(`SKIPPED: tests/cluster/bad-days-phase0.test.ts needs ${MISSING.join(' and ')}.`);

/** What can go wrong with a database that runs in phase 0. The other bad days are in bad-days.test.ts. */
describe.skipIf(MISSING.length > 0)('on a bad day', () => {
  const projects = new BrokenProjects();
  beforeAll(() => projects.prepare(), 15 * MINUTES);
  afterAll(() => projects.remove(), 5 * MINUTES);

  describe('with a cluster in phase 0', () => {
    let good: Awaited<ReturnType<typeof projects.create>>;

    beforeAll(async () => {
      good = await projects.create('good');
      const up = await runCli(good.project, ['evolve', 'phase0', '--yes']);
      expect(up.code, up.output).toBe(0);
    }, 15 * MINUTES);

    it(
      'a namespace that another stack owns is left alone',
      async () => {
        const { databaseNamespace, appNamespace, observabilityNamespace } = good;
        const other = await projects.create(
          'other',
          {},
          { databaseNamespace, appNamespace, observabilityNamespace },
        );
        const { code, output } = await runCli(other.project, ['evolve', 'phase0', '--yes']);
        expect(code).toBe(1);
        expect(output).toContain('EVO-204');
        const check = await runCli(good.project, ['check']);
        expect(check.code, check.output).toBe(0);
      },
      5 * MINUTES,
    );

    it(
      'larger disks that their class does not give are refused in the preview; written by hand, check and status say what the operator fails at, until it is taken back',
      async ({ skip }) => {
        const { project: made, databaseNamespace } = good;
        const claim = ['get', 'pvc', '-n', databaseNamespace, 'datadir-crdb-0', '-o'];
        const of = (path: string) => kubectl(...claim, `jsonpath={${path}}`);
        const [size, storageClass] = [of('.spec.resources.requests.storage'), of('.spec.storageClassName')];
        const grows = kubectl('get', 'storageclass', storageClass, '-o', 'jsonpath={.allowVolumeExpansion}');
        skip(grows === 'true', `storage class ${storageClass} lets its disks grow`);

        const set = (storageSize: string) =>
          Promise.all(['phase0', 'phase1'].map((stack) => made.set(stack, { storageSize })));
        await set('900Gi');
        const refused = await runCli(made, ['evolve', 'phase0', '--yes']);
        expect(refused.code).toBe(1);
        expect(refused.output).toMatch(
          new RegExp(
            `EVO-501: .*the disks cannot become 900Gi: datadir-crdb-0 has ${size}, and storage class`,
          ),
        );
        await set(size);

        const write = (storage: string) => {
          const spec = { dataStore: { pvc: { spec: { resources: { requests: { storage } } } } } };
          const patch = ['--type', 'merge', '-p', JSON.stringify({ spec })];
          kubectl('patch', 'crdbcluster', 'crdb', '-n', databaseNamespace, ...patch);
        };
        write('900Gi');
        const told = async (verb: string) => (await runCli(made, [verb])).output;
        await expect
          .poll(() => told('check'), { timeout: 2 * MINUTES, interval: 5000 })
          .toMatch(/BAD +operator +ResizePVC failed: .*must support resize/);
        expect(await told('status')).toMatch(/^operator +FAILED: ResizePVC failed/m);
        const forward = await runCli(made, ['evolve', 'phase1', '--yes']);
        expect(forward.output).toMatch(/EVO-301: .*the operator is stuck: ResizePVC failed/);
        write(size);
        const check = await runCli(made, ['check']);
        expect(check.code, check.output).toBe(0);
      },
      10 * MINUTES,
    );

    it(
      'a load that cannot be made is told within a minute, with the last line of its log; put right, the same command goes on',
      async () => {
        const { project: made, databaseNamespace } = good;
        sql(databaseNamespace, 'CREATE TABLE warehouse (w_id INT8 PRIMARY KEY)');
        for (const stack of ['phase0', 'phase1']) await made.set(stack, { loadEnabled: 'true' });
        const reason = /There are tables of tpcc that this program did not make/;
        const job = /\+ Job load-init \.\.\./;
        const since = { job: 0, told: 0 };
        const { code, output } = await runCli(made, ['evolve', 'phase0', '--yes'], undefined, (written) => {
          if (since.job === 0 && job.test(written)) since.job = Date.now();
          if (since.told === 0 && reason.test(written)) since.told = Date.now();
        });
        expect(code, output).toBe(1);
        expect(output).toMatch(/EVO-503: .*There are tables of tpcc that this program did not make/s);
        console.log(`told after ${(since.told - since.job) / 1000} s`);
        expect(since.told - since.job).toBeLessThan(60_000);

        sql(databaseNamespace, 'ALTER TABLE warehouse RENAME TO mine');
        const again = await runCli(made, ['evolve', 'phase0', '--yes']);
        expect(again.code, again.output).toBe(0);
      },
      10 * MINUTES,
    );

    it(
      'a node that never comes is waited for, and the way it is held up is named; put right, the same command goes on',
      async () => {
        kubectl('create', 'quota', 'small', '-n', good.databaseNamespace, '--hard=persistentvolumeclaims=1');
        const { code, output } = await evolveUntil(good.project, 'phase1', /Waiting for 2 live nodes.*quota/);
        expect(code).toBe(130);
        expect(output).toMatch(/Seen last: .*exceeded quota: small/);
        expect(output).toContain('npm run evolve -- phase1');

        kubectl('delete', 'quota', 'small', '-n', good.databaseNamespace);
        const again = await runCli(good.project, ['evolve', 'phase1', '--yes']);
        expect(again.code, again.output).toBe(0);
        expect(again.output).toContain('Acknowledged writes lost: 0');
      },
      15 * MINUTES,
    );
  });
});
