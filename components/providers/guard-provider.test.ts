import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../cli/lib/machine/scratch.ts';
import type { GuardInputs } from '../steps/refusals.ts';
import { guardProvider } from './guard-provider.ts';

// The provider as the engine calls it, with an API server that answers what the test says.
const scratch = new Scratch();
const asked: string[] = [];
interface Answer {
  readonly status: number;
  readonly body: object;
}
let answer: Answer = { status: 200, body: {} };
/** Names of the storage classes that there are, with what each says of itself. */
let classes: Record<string, object> = { standard: {} };
let disks: object[] = [];
/** What the StatefulSet gives new pods; it is what the operator compares with. */
let template = '1Gi';

const ok = (items: object[]): Answer => ({ status: 200, body: { items } });
function answerTo(url: string): Answer {
  if (url.includes('/storageclasses'))
    return ok(Object.entries(classes).map(([name, more]) => ({ metadata: { name }, ...more })));
  const claim = { spec: { resources: { requests: { storage: template } } } };
  if (url.includes('/statefulsets'))
    return { status: 200, body: { spec: { volumeClaimTemplates: [claim] } } };
  return url.includes('/persistentvolumeclaims') ? ok(disks) : answer;
}
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  const { status, body } = answerTo(request.url ?? '');
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cluster = (name: string, port: number) => ({
    name,
    cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
  });
  const kubeconfig = {
    clusters: [cluster('up', port), cluster('down', 9)],
    contexts: ['up', 'down'].map((name) => ({ name, context: { cluster: name, user: 'me' } })),
    users: [{ name: 'me', user: {} }],
    'current-context': 'up',
  };
  const file = scratch.path('kubeconfig');
  writeFileSync(file, JSON.stringify(kubeconfig));
  process.env.KUBECONFIG = file;
});

afterAll(() => {
  delete process.env.KUBECONFIG;
  server.close();
  scratch.remove();
});

const INPUTS: GuardInputs = {
  address: { context: '', namespace: 'crdb' },
  nodes: 2,
  replicationFactor: 2,
  podTemplate: { version: 'v26.2.5', resources: { limits: { cpu: '2', memory: '2Gi' } } },
  allowPodRestart: false,
  storageClass: 'standard',
  storageSize: '1Gi',
};

async function reasons(olds: object, news: GuardInputs): Promise<string[]> {
  return ((await guardProvider.check?.(olds, news))?.failures ?? []).map(({ reason }) => reason);
}

describe('a stack without state of its own', () => {
  it('is refused where there is a cluster, and told how to take it over', async () => {
    answer = { status: 200, body: { spec: { nodes: 3 } } };
    const [reason] = await reasons({}, INPUTS);
    expect(asked).toEqual(['/apis/crdb.cockroachlabs.com/v1alpha1/namespaces/crdb/crdbclusters/crdb']);
    expect(reason).toMatch(
      /namespace crdb already holds the CrdbCluster crdb \(3 nodes\).*another stack owns it/,
    );
    expect(reason).toMatch(/npm run handover -- .*pulumi state move/);
  });

  it('is told to go on with kubectl where that made the cluster', async () => {
    const metadata = { labels: { 'app.kubernetes.io/managed-by': 'kustomize' } };
    answer = { status: 200, body: { metadata, spec: { nodes: 2 } } };
    const [reason] = await reasons({}, INPUTS);
    expect(reason).toMatch(/namespace crdb already holds .*\(2 nodes\), and kubectl apply -k made it/);
    expect(reason).toContain('k8s/README.md');
    expect(reason).not.toContain('handover');
  });

  it('may begin where there is none, and where the operator is not installed', async () => {
    answer = { status: 404, body: { message: 'the server could not find the requested resource' } };
    expect(await reasons({}, INPUTS)).toEqual([]);
  });

  it('is refused a storage class that is not there, and the default where there is none', async () => {
    answer = { status: 404, body: {} };
    const [gp3] = await reasons({}, { ...INPUTS, storageClass: 'gp3' });
    expect(gp3).toMatch(/no storage class gp3, only: standard\. .*pulumi config set storageClass <name>/);
    const unnamed = { ...INPUTS, storageClass: '' };
    expect((await reasons({}, unnamed))[0]).toMatch(/no default storage class, only: standard/);
    classes = {
      standard: {
        metadata: { name: 'a', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      },
    };
    expect(await reasons({}, unnamed)).toEqual([]);
    classes = { standard: {} };
  });

  it('is refused when nobody can tell, with the context and what to do', async () => {
    const [down] = await reasons({}, { ...INPUTS, address: { context: 'down', namespace: 'crdb' } });
    expect(down).toMatch(/context "down" cannot be reached: .*ECONNREFUSED.*npm run doctor/);
    answer = { status: 403, body: { message: 'crdbclusters is forbidden' } };
    const [forbidden] = await reasons({}, INPUTS);
    expect(forbidden).toMatch(/context "up" refuses this user: crdbclusters is forbidden\. .*npm run doctor/);
  });

  it('is told which contexts there are', async () => {
    const [reason] = await reasons({}, { ...INPUTS, address: { context: 'kind-demo', namespace: 'crdb' } });
    expect(reason).toMatch(/no context "kind-demo", only: up, down/);
  });
});

describe('a stack with a cluster', () => {
  it('asks no API server', async () => {
    asked.length = 0;
    expect(await reasons(INPUTS, { ...INPUTS, nodes: 3, replicationFactor: 3 })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('does not shrink', async () => {
    const [nodes, factor, ...none] = await reasons(INPUTS, { ...INPUTS, nodes: 1, replicationFactor: 1 });
    expect(nodes).toMatch(/has 2 nodes.*decommissioned.*quorum.*"Tear down"/);
    expect(factor).toMatch(/only ever grows, and it is 2/);
    expect(none).toEqual([]);
  });

  const more = {
    ...INPUTS,
    podTemplate: { version: 'v26.2.5', resources: { limits: { cpu: '4', memory: '2Gi' } }, zone: 'a' },
  };

  it('does not restart its pods by the way, and is told what would', async () => {
    const [reason] = await reasons(INPUTS, more);
    expect(reason).toContain('resources.limits.cpu: "2" => "4"; zone: not set => "a"');
    expect(reason).toMatch(/fewer than three voting copies that is downtime.*allowPodRestart true/);
    const three = { ...INPUTS, nodes: 3, replicationFactor: 3 };
    expect((await reasons(three, { ...three, podTemplate: {} }))[0]).not.toContain('downtime');
  });

  it('restarts them when that is allowed', async () => {
    expect(await reasons(INPUTS, { ...more, allowPodRestart: true })).toEqual([]);
  });

  it('is refused another storage class than its disks have, and may have one that was never said', async () => {
    const [reason] = await reasons(INPUTS, { ...INPUTS, storageClass: '' });
    expect(reason).toMatch(/of storage class standard.*cannot become the default storage class: set it back/);
    const { storageClass: _none, ...older } = INPUTS;
    expect(await reasons(older, INPUTS)).toEqual([]);
  });

  it('does not take another order of the same values for a change', async () => {
    const { version, resources } = INPUTS.podTemplate;
    expect(await reasons(INPUTS, { ...INPUTS, podTemplate: { resources, version } })).toEqual([]);
  });

  const disk = (i: number, size: string | undefined, asked = size, storageClassName = 'standard') => ({
    metadata: { name: `datadir-crdb-${i}` },
    spec: { storageClassName, resources: { requests: { storage: asked } } },
    status: size === undefined ? {} : { capacity: { storage: size } },
  });
  const resized = (storageSize: string) => reasons(INPUTS, { ...INPUTS, storageSize, allowPodRestart: true });

  it('is refused larger disks by a storage class that does not let them grow, and by one that is gone', async () => {
    disks = [disk(0, '1Gi'), disk(1, '1Gi')];
    for (const allowVolumeExpansion of [undefined, false]) {
      classes = { standard: { allowVolumeExpansion } };
      expect(await resized('2Gi')).toEqual([
        expect.stringMatching(
          /cannot become 2Gi: datadir-crdb-0 has 1Gi, datadir-crdb-1 has 1Gi, and storage class standard does not let its disks grow \(allowVolumeExpansion\)\. Set storageSize back/,
        ),
      ]);
    }
    classes = { gp3: { allowVolumeExpansion: true } };
    expect((await resized('2Gi'))[0]).toContain('storage class standard, which made them, is not there');
  });

  it('may have larger disks where their class lets them grow, whatever those of pods that are gone are', async () => {
    disks = [disk(0, '1Gi'), disk(1, '1Gi'), disk(2, '1Gi', '1Gi', 'other')];
    classes = { standard: { allowVolumeExpansion: true } };
    expect(await resized('2Gi')).toEqual([]);
  });

  it('is refused larger disks while its pods may not restart, as the operator restarts some for them', async () => {
    disks = [disk(0, '1Gi'), disk(1, '1Gi')];
    classes = { standard: { allowVolumeExpansion: true } };
    const [reason, ...none] = await reasons(INPUTS, { ...INPUTS, storageSize: '2Gi' });
    expect(reason).toMatch(/^disks of 2Gi restart database pods: .*downtime.*allowPodRestart true$/);
    expect(none).toEqual([]);
    const three = { ...INPUTS, nodes: 3, replicationFactor: 3 };
    const [serves] = await reasons(three, { ...three, storageSize: '2Gi' });
    expect(serves).toContain('the cluster serves on');
  });

  it('is refused smaller disks, and may take back an enlargement that came to nothing', async () => {
    classes = { standard: {} };
    disks = [disk(0, '1Gi'), disk(1, '1Gi')];
    expect((await resized('640Mi'))[0]).toMatch(/never gets smaller.*datadir-crdb-0 has 1Gi.*Set it back/);
    const failed = { ...INPUTS, storageSize: '2Gi' };
    expect(await reasons(failed, INPUTS)).toEqual([]);
    // Also when one was enlarged before the next was refused: then the operator does nothing more.
    disks = [disk(0, '2Gi'), disk(1, '1Gi', '2Gi')];
    expect(await reasons(failed, INPUTS)).toEqual([]);
    // When Kubernetes took them all, it takes none back.
    template = '2Gi';
    expect((await reasons(failed, INPUTS))[0]).toMatch(
      /datadir-crdb-0 has 2Gi, datadir-crdb-1 has 1Gi and is to become 2Gi\. Set it back/,
    );
    template = '1Gi';
  });

  it('judges by what was asked for too: a provisioner may give more', async () => {
    disks = [disk(0, '1Gi', '700Mi')];
    classes = { standard: { allowVolumeExpansion: true } };
    expect(await resized('800Mi')).toEqual([]);
    classes = { standard: {} };
    expect((await resized('800Mi'))[0]).toContain('does not let its disks grow');
  });

  it('is refused another size for a disk that has no volume yet', async () => {
    disks = [disk(0, undefined, '1Gi')];
    expect((await resized('2Gi'))[0]).toMatch(/datadir-crdb-0 has no volume yet/);
  });

  it('of an older program, which kept no size, is asked for its disks', async () => {
    disks = [disk(0, '1Gi')];
    classes = { standard: {} };
    const { storageSize: _none, ...older } = INPUTS;
    expect(await reasons(older, INPUTS)).toEqual([]);
    expect(await reasons(older, { ...INPUTS, storageSize: '2Gi' })).toHaveLength(1);
  });

  it('is asked about like the first when it moves to another namespace', async () => {
    answer = { status: 200, body: { spec: { nodes: 3 } } };
    const news = { ...INPUTS, nodes: 1, replicationFactor: 1, address: { context: '', namespace: 'other' } };
    expect(await reasons(INPUTS, news)).toEqual([expect.stringContaining('namespace other already holds')]);
  });

  it('is asked about by its own name, of several in one namespace', async () => {
    answer = { status: 200, body: { spec: { nodes: 3 } } };
    const address = { ...INPUTS.address, cluster: 'orders' };
    const seen = await reasons(INPUTS, { ...INPUTS, nodes: 1, replicationFactor: 1, address });
    expect(seen).toEqual([expect.stringContaining('namespace crdb already holds the CrdbCluster orders')]);
    expect(asked.at(-1)).toMatch(/crdbclusters\/orders$/);
    expect((await guardProvider.create?.({ ...INPUTS, address }))?.id).toBe('crdb/orders');
  });
});

it('sees a change of what it guards, and in nothing else', async () => {
  const changed = async (news: object) => (await guardProvider.diff?.('guard', INPUTS, news))?.changes;
  expect(await changed({ ...INPUTS, allowPodRestart: true, __provider: 'new code' })).toBe(false);
  expect(await changed({ ...INPUTS, nodes: 3 })).toBe(true);
  expect(await changed({ ...INPUTS, podTemplate: {} })).toBe(true);
  expect(await changed({ ...INPUTS, storageSize: '2Gi' })).toBe(true);
});
