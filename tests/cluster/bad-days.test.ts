import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE } from '../../components/names.ts';
import { type Ran, runCli } from '../engine/cli.ts';
import { EngineProject } from '../engine/project.ts';
import {
  applyObject,
  givenSettings,
  hasOperator,
  kubectl,
  MISSING,
  ownNamespaces,
} from '../support/test-cluster.ts';

if (MISSING.length > 0)
  console.warn(`SKIPPED: tests/cluster/bad-days.test.ts needs ${MISSING.join(' and ')}.`);

const MINUTES = 60_000;
const OPERATOR = ['-n', 'cockroach-operator-system', 'deployment/cockroach-operator-manager'];

/** What can go wrong in a cluster: each wait says what it sees, and ends with that and with what to do. */
describe.skipIf(MISSING.length > 0)('on a bad day', () => {
  const used: { project: EngineProject; namespaces: ReturnType<typeof ownNamespaces> }[] = [];
  let ownsOperator = false;

  /** A project in namespaces of its own, with one thing that is wrong. */
  const project = async (
    name: string,
    wrong: Readonly<Record<string, string>> = {},
    namespaces = ownNamespaces(name),
  ) => {
    const made = new EngineProject({
      loadEnabled: 'false',
      ...givenSettings(),
      ...namespaces,
      operatorInstall: 'false',
      prometheusEnabled: 'false',
      grafanaEnabled: 'false',
      ...wrong,
    });
    used.push({ project: made, namespaces });
    for (const stack of ['phase0', 'phase1']) await made.init(stack);
    return { project: made, ...namespaces };
  };
  /** Goes on until the wait says so, and is then interrupted, as someone who has read it would do. */
  const until = (project: EngineProject, stack: string, after: RegExp): Promise<Ran> =>
    runCli(project, ['evolve', stack, '--yes'], { after, what: 'interrupt' });

  beforeAll(async () => {
    if (hasOperator()) return;
    ownsOperator = true;
    const first = await project('operator', { operatorInstall: 'true' });
    const up = await runCli(first.project, ['evolve', 'phase0', '--yes']);
    expect(up.code, up.output).toBe(0);
  }, 15 * MINUTES);

  afterAll(async () => {
    for (const { project, namespaces } of used) {
      kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
      project.remove();
    }
    if (ownsOperator) console.warn('NOTE: the operator that these tests installed stays.');
  }, 5 * MINUTES);

  it(
    'an operator that is not there is waited for, and then named',
    async () => {
      const { project: made } = await project('absent');
      kubectl('scale', '--replicas=0', ...OPERATOR);
      try {
        kubectl(
          'wait',
          '-n',
          'cockroach-operator-system',
          '--for=delete',
          'pod',
          '-l',
          'app=cockroach-operator',
          '--timeout=60s',
        );
        const { code, output } = await runCli(made, ['evolve', 'phase0', '--yes']);
        expect(code).toBe(1);
        expect(output).toMatch(
          /No answer of the operator's webhook after 18\d s. Seen last: .*(webhook|no endpoints)/,
        );
        expect(output).toContain('kubectl -n cockroach-operator-system get pods,events');
        expect(output).toContain('npm run evolve -- phase0');
      } finally {
        kubectl('scale', '--replicas=1', ...OPERATOR);
        kubectl('rollout', 'status', ...OPERATOR, '--timeout=120s');
      }
      // And the same command goes on when it is back.
      const again = await until(made, 'phase0', /NodesLive nodes-live \.\.\./);
      expect(again.output).toContain('CrdbCluster cluster-crdb done');
    },
    10 * MINUTES,
  );

  it(
    'a cluster that the API server refuses is refused at once, in its words',
    async () => {
      const { project: made, databaseNamespace } = await project('refused');
      const policy = `no-databases-${databaseNamespace}`;
      createPolicy(policy, databaseNamespace);
      try {
        const { code, output } = await runCli(made, ['evolve', 'phase0', '--yes']);
        expect(code).toBe(1);
        expect(output).toContain('The API server refuses a new CrdbCluster');
        expect(output).toContain('no databases here');
      } finally {
        kubectl('delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', policy);
      }
    },
    5 * MINUTES,
  );

  it(
    'an image of the database that cannot be had is named',
    async () => {
      const { project: made } = await project('image', { cockroachVersion: 'v26.2.3' });
      const { code, output } = await until(made, 'phase0', /Waiting for 1 live node.*(ErrImage|ImagePull)/);
      expect(code).toBe(130);
      expect(output).toMatch(/Seen last: .*crdb-0 Pending.*(ErrImage|ImagePull).*v26\.2\.3/);
      expect(output).toContain('npm run evolve -- phase0');
    },
    10 * MINUTES,
  );

  it(
    'a storage class that is not there is refused before anything is made',
    async () => {
      const { project: made } = await project('class', { storageClass: 'no-such-class' });
      const { code, output } = await runCli(made, ['evolve', 'phase0', '--yes']);
      expect(code).toBe(1);
      expect(output).toMatch(/there is no storage class no-such-class, only: /);
    },
    5 * MINUTES,
  );

  it(
    'a disk that nobody provides is named',
    async () => {
      const storageClass = ownNamespaces('nobody').databaseNamespace;
      applyObject({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: storageClass },
        provisioner: 'example.com/nobody',
        volumeBindingMode: 'Immediate',
      });
      try {
        const { project: made } = await project('disk', { storageClass });
        const { code, output } = await until(
          made,
          'phase0',
          /Waiting for 1 live node.*unbound immediate PersistentVolumeClaims/,
        );
        expect(code).toBe(130);
        expect(output).toMatch(/Waiting for .*crdb-0 Pending.*unbound immediate PersistentVolumeClaims/);
      } finally {
        kubectl('delete', 'storageclass', storageClass);
      }
    },
    10 * MINUTES,
  );

  it(
    'an image of the app that cannot be had is named',
    async () => {
      const { project: made } = await project('app', { appImage: 'no-such-image:0' });
      const { code, output } = await until(
        made,
        'phase0',
        /(ErrImage|ImagePull).*no-such-image|no-such-image.*(ErrImage|ImagePull)/,
      );
      expect(code).toBe(130);
      expect(output).toContain('npm run evolve -- phase0');
    },
    10 * MINUTES,
  );

  it(
    'an enlargement that is refused on the way ends the step with the reason, and is taken back; a slow one is waited for',
    async () => {
      const storageClass = ownNamespaces('grow').databaseNamespace;
      const classes = JSON.parse(kubectl('get', 'storageclass', '-o', 'json')).items;
      applyObject({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: storageClass },
        provisioner: classes[0].provisioner,
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
      });
      try {
        const { project: made, databaseNamespace } = await project('grow', { storageClass });
        const evolve = () => runCli(made, ['evolve', 'phase0', '--yes']);
        const up = await evolve();
        expect(up.code, up.output).toBe(0);
        const claim = ['get', 'pvc', '-n', databaseNamespace, 'datadir-crdb-0', '-o'];
        const size = kubectl(...claim, 'jsonpath={.spec.resources.requests.storage}');
        kubectl('create', 'quota', 'full', '-n', databaseNamespace, `--hard=requests.storage=${size}`);
        await made.set('phase0', { storageSize: '900Gi' });
        const restarts = await evolve();
        expect(restarts.output).toMatch(/EVO-501: .*disks of 900Gi restart database pods: .*downtime/);
        await made.set('phase0', { allowPodRestart: 'true' });
        const refused = await evolve();
        expect(refused.code).toBe(1);
        expect(refused.output).toMatch(
          /The operator cannot enlarge the disks, and does nothing else until it can: ResizePVC failed: .*exceeded quota: full/,
        );
        expect(refused.output).toContain('Set storageSize back');
        await made.set('phase0', { storageSize: size });
        const back = await evolve();
        expect(back.code, back.output).toBe(0);

        // The provisioner of a small cluster enlarges nothing, however long one waits.
        kubectl('delete', 'quota', 'full', '-n', databaseNamespace);
        await made.set('phase0', { storageSize: '900Gi' });
        const slow = await until(made, 'phase0', /Waiting for disks of 900Gi/);
        expect(slow.code).toBe(130);
        expect(slow.output).toMatch(/Seen last: datadir-crdb-0 has /);
        await made.set('phase0', { storageSize: size });
        expect((await evolve()).output).toMatch(/a disk never gets smaller.* and is to become 900Gi/);
      } finally {
        kubectl('delete', 'storageclass', storageClass);
      }
    },
    15 * MINUTES,
  );

  describe('with a cluster in phase 0', () => {
    let good: Awaited<ReturnType<typeof project>>;

    beforeAll(async () => {
      good = await project('good');
      const up = await runCli(good.project, ['evolve', 'phase0', '--yes']);
      expect(up.code, up.output).toBe(0);
    }, 15 * MINUTES);

    it(
      'a namespace that another stack owns is left alone',
      async () => {
        const { databaseNamespace, appNamespace, observabilityNamespace } = good;
        const other = await project('other', {}, { databaseNamespace, appNamespace, observabilityNamespace });
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
        const { code, output } = await until(good.project, 'phase1', /Waiting for 2 live nodes.*quota/);
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

/** Sends a statement as root, by the database's own client in its first pod. */
function sql(namespace: string, statement: string): string {
  const client = ['/cockroach/cockroach', 'sql', '--certs-dir=/cockroach/cockroach-certs'];
  const wanted = ['--database', DATABASE, '-e', statement];
  return kubectl('exec', '-n', namespace, 'crdb-0', '-c', 'db', '--', ...client, ...wanted);
}

/** Refuses every CrdbCluster of the namespace: what a platform team's own webhook or policy does. */
function createPolicy(name: string, namespace: string): void {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['crdb.cockroachlabs.com'],
            apiVersions: ['*'],
            operations: ['CREATE'],
            resources: ['crdbclusters'],
          },
        ],
      },
      matchConditions: [{ name: 'here', expression: `request.namespace == '${namespace}'` }],
      validations: [{ expression: 'false', message: 'no databases here' }],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  };
  for (const object of [policy, binding]) applyObject(object);
}
