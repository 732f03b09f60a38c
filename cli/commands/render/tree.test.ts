import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PLAN } from '../../../jobs/plan.ts';
import { evaluateAll } from '../../lib/program/evaluate.ts';
import type { Evaluation } from '../../lib/program/resources.ts';
import { jobImage } from './job.ts';
import { type Folder, inOrder, tree } from './tree.ts';

let phase0: Evaluation;
let cloud: Evaluation;
let large: Evaluation;
beforeAll(async () => {
  const override = {
    platform: 'eks',
    appImage: 'registry.example/team/sample-app:0.1.0',
    backupDestination: 's3://bucket/x?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=hush',
    backupPassphrase: { secure: 'v1:x' },
    licence: { secure: 'v1:x' },
    organization: 'Example',
    appRegistryUser: 'me',
    appRegistryPassword: { secure: 'v1:x' },
    networkPolicies: false,
    prometheusEnabled: false,
    grafanaEnabled: false,
  };
  const five = { nodes: 5, replicationFactor: 5, readerUserEnabled: true };
  const all = await evaluateAll([
    { stack: 'phase0' },
    { stack: 'phase1', override },
    { stack: 'large', override: five },
  ]);
  [phase0, cloud, large] = all as [Evaluation, Evaluation, Evaluation];
}, 120_000);

const folders = (...evaluations: Evaluation[]) =>
  tree(inOrder(evaluations), { version: '9.9.9', phases: evaluations.map(({ stack }) => stack) });
const text = (all: readonly Folder[], folder: string, file: string) =>
  all.find(({ name }) => name === folder)?.files.find(({ name }) => name === file)?.text ?? '';

describe('the rights of the Job', () => {
  interface Rule {
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }
  const rules = () =>
    parseAllDocuments(text(folders(phase0), 'base', '50-evolution.yaml'))
      .map((document) => document.toJS() as { kind: string; metadata: { namespace: string }; rules: Rule[] })
      .filter(({ kind }) => kind === 'Role')
      .flatMap(({ metadata, rules }) => rules.map((rule) => ({ namespace: metadata.namespace, ...rule })));

  it('are by name, but for lists and events, which have none', () => {
    const nameless = rules().filter(({ resourceNames }) => resourceNames === undefined);
    expect(nameless.map(({ resources, verbs }) => [...resources, ...verbs].join(' ')).sort()).toEqual([
      'events list create',
      'pods persistentvolumeclaims list',
    ]);
    for (const { resourceNames } of rules()) expect(resourceNames?.length).not.toBe(0);
  });

  it('delete nothing but Jobs of its own, run nothing, and reach no other Secret', () => {
    const all = rules();
    expect(
      all.filter(({ verbs }) => verbs.includes('delete')).flatMap(({ resourceNames }) => resourceNames),
    ).toEqual(['evolution-phase0']);
    expect(all.flatMap(({ verbs }) => verbs)).not.toContain('*');
    expect(
      all.flatMap(({ resources }) => resources).filter((one) => /exec|portforward|nodes|roles/.test(one)),
    ).toEqual([]);
    const secrets = all.filter(({ resources }) => resources.includes('secrets'));
    expect(
      Object.fromEntries(secrets.map(({ namespace, resourceNames }) => [namespace, resourceNames])),
    ).toEqual({
      crdb: ['crdb-loadgen-tls', 'crdb-node-tls', 'crdb-root-tls', 'evolution-ca'],
      observability: ['grafana-admin'],
      'sample-app': ['sample-app-control', 'sample-app-database'],
    });
  });
});

describe('an overlay', () => {
  it('of other settings says what the Job needs from a Secret, and holds none of it', () => {
    const all = folders(cloud);
    const plan = PLAN.parse(parse(text(all, 'phase1', 'plan.yaml')));
    expect(plan.backup).toEqual({ destination: null, encrypted: true });
    expect(plan.licence).toEqual({ organization: 'Example' });
    // Nobody can generate the password of a registry.
    const objects = text(all, 'base', 'objects.yaml');
    expect(objects).toContain(
      '#   kubectl -n sample-app create secret generic sample-app-registry --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=<file>\n',
    );
    expect(objects).not.toContain('name: sample-app-registry');
    const everything = JSON.stringify(all);
    expect(everything).not.toMatch(/hush|mock-secret/);
    // Without policies for the rest, one of the Job's own would shut out everybody else.
    expect(everything).not.toContain('kind: NetworkPolicy');
    expect(text(all, 'operator', 'kustomization.yaml')).toContain('TopologySpreadRules=true');
  });

  it('of a higher factor has its statements as a file', () => {
    const all = folders(large);
    const { sql } = PLAN.parse(parse(text(all, 'large', 'plan.yaml')));
    expect(sql.replication).toBe('replication-factor-5.sql');
    expect(text(all, 'large', sql.replication)).toContain(
      'ALTER RANGE default CONFIGURE ZONE USING num_replicas = 5, num_voters = 5;\n',
    );
  });

  it("names the Job's image beside that of the app", () => {
    expect(jobImage('sample-app:0.1.0', '1')).toBe('evolution-job:1');
    expect(jobImage('localhost:5000/a/sample-app@sha256:0', '1')).toBe('localhost:5000/a/evolution-job:1');
    expect(text(folders(cloud), 'phase1', 'job.yaml')).toContain(
      'image: registry.example/team/evolution-job:9.9.9\n',
    );
  });

  it('has a Job that retries what may pass by, and nothing that was refused, as a pod without any privilege', () => {
    const { spec } = parse(text(folders(phase0), 'phase0', 'job.yaml'));
    expect(spec.podFailurePolicy.rules[0]).toEqual({
      action: 'FailJob',
      onExitCodes: { containerName: 'step', operator: 'In', values: [3] },
    });
    expect(spec.backoffLimit).toBeGreaterThan(3);
    const pod = spec.template.spec;
    expect(pod).toMatchObject({ serviceAccountName: 'evolution', restartPolicy: 'Never' });
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(pod.containers[0].resources.limits).toBeDefined();
  });
});
