import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { SampleApp } from './components/app.ts';
import { EvolutionBackup } from './components/backup.ts';
import { Certificates } from './components/certificates.ts';
import { Cluster, type ClusterValues, featureGates, podTemplateInputs } from './components/cluster.ts';
import { readConfig } from './components/config.ts';
import { Grafana } from './components/grafana.ts';
import { Guard } from './components/guard.ts';
import { LoadGenerator } from './components/loadgen.ts';
import { Namespaces } from './components/namespaces.ts';
import { NetworkPolicies } from './components/network.ts';
import { NodesLive } from './components/nodes-live.ts';
import { Operator } from './components/operator.ts';
import { Prometheus } from './components/prometheus.ts';
import { Replication } from './components/replication.ts';
import { Schema } from './components/schema.ts';
import { Services } from './components/services.ts';
import { Users } from './components/users.ts';

// A component's children say all that it makes. With its own inputs in the state as well, a preview would show each change twice.
process.env.PULUMI_NODEJS_SKIP_COMPONENT_INPUTS = 'true';

const config = readConfig();
const { context, nodes, replicationFactor, choices } = config;
const address = { context, namespace: config.databaseNamespace };
const crdb: ClusterValues = {
  namespace: config.databaseNamespace,
  nodes,
  cockroachVersion: config.cockroachVersion,
  storageClass: choices.storageClass,
  storageSize: config.storageSize,
  cpu: config.databaseCpu,
  cpuLimit: config.databaseCpuLimit,
  memory: config.databaseMemory,
  spread: choices.spread,
  nodeSelector: config.nodeSelector,
  tolerations: config.tolerations,
};

// Refuses, in the preview, what would harm a running cluster. Everything comes after it.
const guard = new Guard('guard', {
  address,
  nodes,
  replicationFactor,
  podTemplate: podTemplateInputs(crdb),
  allowPodRestart: config.allowPodRestart,
  storageClass: choices.storageClass ?? '',
  storageSize: config.storageSize,
});
const provider = new kubernetes.Provider('kubernetes', {
  ...(context === '' ? {} : { context }),
  // What a Secret or ConfigMap holds changes in place: a new name would be a new pod.
  enableConfigMapMutable: true,
  enableSecretMutable: true,
});

const namespaces = new Namespaces(
  'namespaces',
  {
    database: config.databaseNamespace,
    app: config.appNamespace,
    observability: config.observabilityNamespace,
  },
  { provider, dependsOn: guard },
);
const operator = new Operator(
  'operator',
  {
    manifest: config.operatorManifest,
    install: config.operatorInstall,
    cockroachVersion: config.cockroachVersion,
    gates: featureGates(crdb),
    context,
    namespace: namespaces.database,
  },
  { provider, dependsOn: guard },
);
const certificates = new Certificates('certificates', { namespace: namespaces.database }, { provider });
const services = new Services('services', { namespace: namespaces.database }, { provider });
const network = config.networkPolicies
  ? new NetworkPolicies(
      'network',
      {
        database: config.databaseNamespace,
        app: config.appNamespace,
        observability: config.observabilityNamespace,
        backupDestination: config.backupDestination,
        appPublic: choices.appService === 'LoadBalancer',
      },
      { provider, dependsOn: namespaces },
    )
  : undefined;

// The evolution, in its order: backup, nodes, live, replication, users, and then the app's credentials.
const backup = new EvolutionBackup(
  'backup',
  {
    address,
    destination: config.backupDestination,
    passphrase: config.backupPassphrase,
    nodes,
    replicationFactor,
  },
  // A new destination is tried at once, and the policies open the way there.
  { dependsOn: network === undefined ? guard : [guard, network] },
);
const cluster = new Cluster('cluster', crdb, {
  provider,
  dependsOn: [namespaces, operator, certificates, backup],
});
const live = new NodesLive(
  'nodes-live',
  { address, nodes, version: config.cockroachVersion, storageSize: config.storageSize },
  { dependsOn: cluster },
);
const replication = new Replication(
  'replication',
  { address, replicationFactor, nodes },
  { dependsOn: live },
);
const schema = new Schema(
  'schema',
  { address, licence: config.licence, organization: config.organization || undefined },
  { dependsOn: live },
);
const users = new Users(
  'users',
  { address, readerUserEnabled: config.readerUserEnabled },
  { dependsOn: [schema, replication] },
);

// What uses the database, and what watches it.
const prometheus = config.prometheusEnabled
  ? new Prometheus(
      'prometheus',
      {
        namespace: namespaces.observability,
        databaseNamespace: namespaces.database,
        appNamespace: namespaces.app,
        image: config.prometheusImage,
        retention: config.prometheusRetention,
        storage: config.prometheusStorage,
        storageClass: choices.storageClass,
        ca: certificates.ca,
        context,
      },
      { provider },
    )
  : undefined;
const grafana =
  config.grafanaEnabled && prometheus !== undefined
    ? new Grafana(
        'grafana',
        {
          namespace: namespaces.observability,
          image: config.grafanaImage,
          prometheusUrl: prometheus.url,
          context,
        },
        { provider },
      )
    : undefined;
const app = new SampleApp(
  'app',
  {
    namespace: namespaces.app,
    databaseNamespace: namespaces.database,
    image: config.appImage,
    registry: config.appRegistryPassword && {
      name: config.appRegistryUser,
      password: config.appRegistryPassword,
    },
    replicas: config.appReplicas,
    autoscaling: config.appAutoscaling,
    serviceType: choices.appService,
    ca: certificates.ca,
    writer: users.writer,
    reader: users.reader,
    prometheusUrl: prometheus?.url,
    context,
  },
  { provider, dependsOn: [users, services] },
);
if (config.loadEnabled) {
  new LoadGenerator(
    'load',
    {
      namespace: namespaces.database,
      cockroachVersion: config.cockroachVersion,
      workload: { kind: config.loadWorkload, warehouses: config.loadWarehouses, rate: config.loadRate },
      clientSecret: certificates.loadSecret,
      rootSecret: certificates.rootSecret,
    },
    { provider, dependsOn: [users, services] },
  );
}

/** What a person needs next. */
export const phase = {
  nodes,
  replicationFactor,
  copies: replication.voters.apply((voters) =>
    voters === replicationFactor
      ? `${voters} voting`
      : `${voters} voting, ${replicationFactor - voters} non-voting`,
  ),
  next: nextStep(),
};
export const lastBackup = pulumi
  .all([backup.taken, backup.reason, backup.path, backup.endTime, backup.rows, backup.bytes, backup.verified])
  .apply(([taken, reason, path, endTime, rows, bytes, verified]) =>
    taken ? { reason, path, endTime, rows, bytes, verified } : { reason },
  );
export const open = {
  app: app.portForward,
  ...(prometheus === undefined ? {} : { prometheus: prometheus.portForward }),
  ...(grafana === undefined ? {} : { grafana: grafana.portForward }),
};
export const controlToken = app.controlToken;
export const grafanaPassword = grafana?.adminPassword ?? 'none, as grafanaEnabled is false';

function nextStep(): string {
  if (nodes === 1) return 'npm run handover -- phase1, then: pulumi preview -s phase1';
  if (replicationFactor < 3) return 'npm run handover -- phase2, then: pulumi preview -s phase2';
  return 'The cluster survives the loss of a node.';
}
