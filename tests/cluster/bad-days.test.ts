import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../engine/cli.ts';
import { applyObject, kubectl, MISSING, ownNamespaces } from '../support/test-cluster.ts';
import { BrokenProjects, createPolicy, evolveUntil, MINUTES } from './broken-projects.ts';

if (MISSING.length > 0)
  console.warn(`SKIPPED: tests/cluster/bad-days.test.ts needs ${MISSING.join(' and ')}.`);

const OPERATOR = ['-n', 'cockroach-operator-system', 'deployment/cockroach-operator-manager'];

/** What can go wrong in a cluster: each wait says what it sees, and ends with that and with what to do. */
describe.skipIf(MISSING.length > 0)('on a bad day', () => {
  const projects = new BrokenProjects();
  beforeAll(() => projects.prepare(), 15 * MINUTES);
  afterAll(() => projects.remove(), 5 * MINUTES);

  it(
    'an operator that is not there is waited for, and then named',
    async () => {
      const { project: made } = await projects.create('absent');
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
      const again = await evolveUntil(made, 'phase0', /NodesLive nodes-live \.\.\./);
      expect(again.output).toContain('CrdbCluster cluster-crdb done');
    },
    10 * MINUTES,
  );

  it(
    'a cluster that the API server refuses is refused at once, in its words',
    async () => {
      const { project: made, databaseNamespace } = await projects.create('refused');
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
      const { project: made } = await projects.create('image', { cockroachVersion: 'v26.2.3' });
      const { code, output } = await evolveUntil(
        made,
        'phase0',
        /Waiting for 1 live node.*(ErrImage|ImagePull)/,
      );
      expect(code).toBe(130);
      expect(output).toMatch(/Seen last: .*crdb-0 Pending.*(ErrImage|ImagePull).*v26\.2\.3/);
      expect(output).toContain('npm run evolve -- phase0');
    },
    10 * MINUTES,
  );

  it(
    'a storage class that is not there is refused before anything is made',
    async () => {
      const { project: made } = await projects.create('class', { storageClass: 'no-such-class' });
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
        const { project: made } = await projects.create('disk', { storageClass });
        const { code, output } = await evolveUntil(
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
      const { project: made } = await projects.create('app', { appImage: 'no-such-image:0' });
      const { code, output } = await evolveUntil(
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
        const { project: made, databaseNamespace } = await projects.create('grow', { storageClass });
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
        const slow = await evolveUntil(made, 'phase0', /Waiting for disks of 900Gi/);
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
});
