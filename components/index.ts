/**
 * The components as a library: what the program in `index.ts` consists of, for the programs of others.
 *
 * @example
 * import { Cluster, EvolutionBackup } from 'cockroachdb-live-evolution';
 */
export type { AddressArgs } from './address.ts';
export { SampleApp, type SampleAppArgs } from './app.ts';
export type { Credentials as LoginArgs } from './app-manifests.ts';
export { EvolutionBackup, type EvolutionBackupArgs } from './backup.ts';
export { Certificates, type CertificatesArgs } from './certificates.ts';
export {
  Cluster,
  type ClusterArgs,
  type ClusterValues,
  featureGates,
  podTemplateInputs,
} from './cluster.ts';
export type { DatabaseAddress } from './database/kubernetes.ts';
export { Grafana, type GrafanaArgs } from './grafana.ts';
export { Guard, type GuardArgs } from './guard.ts';
export { LoadGenerator, type LoadGeneratorArgs } from './loadgen.ts';
export { Namespaces, type NamespacesArgs } from './namespaces.ts';
export { type NetworkArgs, NetworkPolicies } from './network.ts';
export { NodesLive, type NodesLiveArgs } from './nodes-live.ts';
export type { FeatureGate } from './operator/objects.ts';
export { Operator, type OperatorArgs } from './operator.ts';
export type { Platform } from './platforms.ts';
export { Prometheus, type PrometheusArgs } from './prometheus.ts';
export { Replication, type ReplicationArgs } from './replication.ts';
export { Schema, type SchemaArgs } from './schema.ts';
export { Services, type ServicesArgs } from './services.ts';
export { type Credentials, Users, type UsersArgs } from './users.ts';
export type { Workload } from './workload.ts';
