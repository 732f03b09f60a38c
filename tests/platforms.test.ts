import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { manifests, stepFiles } from '../cli/commands/render/manifests.ts';
import { compare } from '../cli/lib/compare/compare.ts';
import { evaluateAll } from '../cli/lib/program/evaluate.ts';
import type { Evaluation } from '../cli/lib/program/resources.ts';
import { PLATFORMS } from '../components/platforms.ts';
import { readMarkdown } from './support/markdown.ts';
import { read } from './support/repository.ts';

const GUIDE = read('docs/eks-and-gke.md');
const PHASES = ['phase0', 'phase1', 'phase2'] as const;

/** The settings that a section of the guide has its reader type. */
function settings(heading: string): Record<string, string> {
  const typed = [...section(heading).matchAll(/^ +pulumi config set (?:--secret )?(\w+) (.+) -s \$stack$/gm)];
  return Object.fromEntries(
    typed.map(([, key = '', value = '']) => [key, value.replace(/^'(.*)'$/, '$1')] as const),
  );
}

function section(heading: string): string {
  return (GUIDE.split(`## ${heading}\n`)[1] ?? '').split(/^## /m)[0] ?? '';
}

const CLOUDS = ['EKS', 'GKE'] as const;
const stacks = CLOUDS.flatMap((cloud) =>
  PHASES.map((phase) => ({ cloud, stack: phase, override: settings(cloud) })),
);
let laptop: Evaluation;
let evaluations: readonly Evaluation[];
beforeAll(async () => {
  const all = await evaluateAll([{ stack: 'phase2' }, ...stacks]);
  laptop = all[0] as Evaluation;
  evaluations = all.slice(1);
}, 240_000);

const of = (cloud: string, phase: string) =>
  evaluations[stacks.findIndex((s) => s.cloud === cloud && s.stack === phase)] as Evaluation;

interface CrdbSpec {
  readonly dataStore: { readonly pvc: { readonly spec: { readonly storageClassName?: string } } };
  readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[];
}
const spec = ({ resources }: Evaluation) =>
  resources.find(({ name }) => name === 'cluster-crdb')?.inputs.spec as unknown as CrdbSpec;

describe.each(CLOUDS)('the settings for %s, as the guide has them typed', (cloud) => {
  const preset = PLATFORMS[cloud.toLowerCase() as 'eks' | 'gke'];

  it('name their preset, a bucket, and an image that the cluster can pull', () => {
    expect(settings(cloud)).toMatchObject({
      platform: cloud.toLowerCase(),
      backupDestination: expect.stringMatching(/^(s3|gs):\/\/.*AUTH=implicit/),
      appImage: expect.stringMatching(/\/sample-app:\d/),
      context: expect.anything(),
    });
  });

  it('make the preset: storage class, spread, the way to the credentials', () => {
    const cluster = of(cloud, 'phase2');
    expect(spec(cluster).dataStore.pvc.spec.storageClassName).toBe(preset.storageClass);
    expect(spec(cluster).topologySpreadConstraints?.map(({ topologyKey }) => topologyKey)).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ]);
    const policies = manifests(cluster).find(({ name }) => name === '90-network.yaml')?.text ?? '';
    for (const address of ['169.254.169.254/32', '169.254.170.23/32', '169.254.169.252/32'])
      expect(policies).toContain(address);
  });

  it('change what a cloud needs, and nothing else', () => {
    // Only compared: no laptop's cluster becomes one in a cloud.
    const changed = compare(laptop, of(cloud, 'phase2')).changes.map(({ resource }) => resource.name);
    expect(changed.sort()).toEqual(
      [
        // The image, the place of the backups and the way there.
        ...['app-deployment', 'backup', 'network-database-database'],
        'schema-licence',
        // Disks, sizes, spread, and the operator's gate for that.
        ...['cluster-crdb', 'guard', 'operator-manifests', 'operator-ready', 'prometheus-disk'],
        // The context, which all that talks to the cluster is told.
        ...['kubernetes', 'nodes-live', 'replication', 'schema-bootstrap', 'users-reader', 'users-writer'],
      ].sort(),
    );
  });

  it('leave between two phases what the laptop has between them', () => {
    const actions = (before: Evaluation, after: Evaluation) =>
      compare(before, after).changes.map(({ action, resource }) => `${action} ${resource.name}`);
    expect(actions(of(cloud, 'phase0'), of(cloud, 'phase1'))).toEqual([
      'update guard',
      'update backup',
      'update cluster-crdb',
      'update nodes-live',
      'update replication',
      'create users-reader-password',
      'create users-reader',
      'update app-database',
    ]);
    expect(actions(of(cloud, 'phase1'), of(cloud, 'phase2'))).toEqual([
      'update guard',
      'update backup',
      'update cluster-crdb',
      'update nodes-live',
      'update replication',
    ]);
  });

  it.each(PHASES)('are rendered for %s as YAML that parses, without a load balancer', (phase) => {
    const files = [...manifests(of(cloud, phase)), ...stepFiles(of(cloud, phase))];
    expect(files.length).toBeGreaterThan(8);
    const objects = files.flatMap(({ text }) => parseAllDocuments(text).map((d) => d.toJS() ?? {}));
    expect(objects.filter(({ kind }) => kind === 'CrdbCluster')).toHaveLength(1);
    const services = objects.filter(({ kind }) => kind === 'Service');
    expect(services.map(({ spec }) => spec.type ?? 'ClusterIP')).toEqual(services.map(() => 'ClusterIP'));
  });
});

describe('the guide', () => {
  it('has its table of presets from the program', () => {
    const rows = section('What differs')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').replaceAll('`', '')));
    const names = rows[0]?.slice(1) ?? [];
    expect(names).toEqual(Object.keys(PLATFORMS));
    const row = (title: string) => rows.find(([first]) => first === title)?.slice(1) ?? [];
    const told = { none: 'nothing', hostname: 'machines', zone: 'zones, then machines' };
    for (const [i, { storageClass, spread, appService }] of Object.values(PLATFORMS).entries()) {
      expect(row('storage class')[i]).toContain(storageClass ?? "the cluster's default");
      expect(row('database pods are spread over')[i]).toBe(told[spread]);
      expect(row('addresses')[i]).toBe(appService);
    }
  });

  const texts = (wanted: string) =>
    readMarkdown(GUIDE).blocks.flatMap(({ language, text }) => (language === wanted ? [text] : []));
  const ofKind = (kind: string) =>
    texts('yaml')
      .map((text) => parse(text))
      .filter((each) => each.kind === kind);

  it("makes the storage class that the preset for EKS names, with disks in the pods' zones that can grow", () => {
    expect(ofKind('StorageClass')[0]).toMatchObject({
      metadata: { name: PLATFORMS.eks.storageClass },
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    });
  });

  it('makes a cluster of three zones, with the add-ons that the program counts on', () => {
    const [cluster] = ofKind('ClusterConfig');
    const addon = (name: string) => cluster.addons.find((each: { name: string }) => each.name === name);
    expect(cluster.metadata.name).toBe(settings('EKS').context);
    expect(cluster.managedNodeGroups[0]).toMatchObject({ desiredCapacity: 3, minSize: 3, maxSize: 3 });
    expect(new Set(cluster.managedNodeGroups[0].availabilityZones).size).toBe(3);
    expect(JSON.parse(addon('vpc-cni').configurationValues)).toEqual({ enableNetworkPolicy: 'true' });
    expect(addon('aws-ebs-csi-driver')).toMatchObject({ useDefaultPodIdentityAssociations: true });
    expect(addon('eks-pod-identity-agent')).toBeDefined();
  });

  it("gives the database's pods the same right to the bucket in each way that it shows", () => {
    const policies = texts('json').map((text) => JSON.parse(text));
    const [cluster] = ofKind('ClusterConfig');
    const [association] = cluster.iam.podIdentityAssociations;
    expect(association).toMatchObject({ namespace: 'crdb', serviceAccountName: 'crdb-sa' });
    expect(association).not.toHaveProperty('createServiceAccount');
    const [bucket] = policies;
    expect(association.permissionPolicy).toEqual(bucket);
    const terraform = texts('hcl').join('\n');
    for (const action of bucket.Statement.flatMap((each: { Action: string[] }) => each.Action))
      expect(terraform).toContain(`"${action}"`);
    const taken = policies.slice(1).map(({ Statement: [statement] }) => statement);
    expect(taken.map(({ Principal }) => Object.keys(Principal)[0])).toEqual(['Service', 'Federated']);
    expect(Object.values(taken[1].Condition.StringEquals)).toContain('system:serviceaccount:crdb:crdb-sa');
  });

  it('pushes the image that its settings name, for both architectures', () => {
    for (const cloud of CLOUDS) {
      const build =
        section(cloud)
          .split('\n')
          .find((line) => line.includes('docker buildx build')) ?? '';
      expect(build).toContain('--platform linux/amd64,linux/arm64');
      expect(build).toContain(`-t ${settings(cloud).appImage} --push`);
    }
  });

  it('goes on to phase 0 with what the README has typed first', () => {
    for (const cloud of CLOUDS) {
      const lines = section(cloud)
        .split('\n')
        .map((line) => line.trim());
      const at = (text: string) => lines.findIndex((line) => line.startsWith(text));
      const order = [
        'npm ci',
        'export PULUMI_CONFIG_PASSPHRASE',
        'export PATH',
        'for stack in',
        'npm run doctor',
        'npm run evolve -- phase0',
      ];
      expect(order.map(at)).toEqual(order.map(at).sort((a, b) => a - b));
      expect(at('npm ci')).toBeGreaterThan(0);
    }
  });

  it('says where the reader sees it that neither cloud was run, and that Autopilot is not supported', () => {
    expect(GUIDE.split('## What differs')[0]).toContain('**Neither cloud was run**');
    expect(section('GKE').trim()).toMatch(/^\*\*Autopilot is not supported\.\*\*/);
  });

  it('has a login for a registry that reaches the pod of the app, and no other', async () => {
    const heading = 'A registry that needs a login';
    expect(section(heading)).toMatch(/appRegistryUser <user>[\s\S]*--secret appRegistryPassword/);
    const login = { appRegistryUser: 'me', appRegistryPassword: { secure: 'v1:x' } };
    const [found] = await evaluateAll([{ stack: 'phase0', override: { ...settings('EKS'), ...login } }]);
    const files = manifests(found as Evaluation);
    const pods = files
      .flatMap(({ text }) => parseAllDocuments(text).map((d) => d.toJS() ?? {}))
      .flatMap(({ kind, metadata, spec }) =>
        spec?.template?.spec?.imagePullSecrets === undefined
          ? []
          : [`${kind} ${metadata.name}: ${spec.template.spec.imagePullSecrets[0].name}`],
      );
    expect(pods).toEqual(['Deployment sample-app: sample-app-registry']);
    expect(JSON.stringify(files)).not.toContain('mock-secret');
  });

  it('names the service account that the operator gives the database pods', () => {
    expect(section('EKS')).toContain('--namespace crdb --service-account crdb-sa');
    expect(section('GKE')).toContain('/subject/ns/crdb/sa/crdb-sa');
  });
});
