import { CLUSTER, READER, WRITER } from '../../components/names.ts';

/** What a step creates and updates, and nothing else: what the audience reads in the preview. */
export const CHANGES: Readonly<Record<string, readonly string[]>> = {
  phase1: [
    'create users-reader',
    'create users-reader-password',
    'update app-database',
    'update backup',
    'update cluster-crdb',
    'update guard',
    'update nodes-live',
    'update replication',
  ],
  phase2: ['update backup', 'update cluster-crdb', 'update guard', 'update nodes-live', 'update replication'],
};

/** The order that makes a step safe, as the lines of `up` show it. Users come in phase 1 only. */
export const ORDER: Readonly<Record<string, readonly string[]>> = {
  phase1: [
    'EvolutionBackup backup done',
    'CrdbCluster cluster-crdb ...',
    'NodesLive nodes-live done',
    'Replication replication ...',
    'Replication replication done',
    'User users-reader ...',
    'User users-reader done',
    'Secret app-database ...',
  ],
  phase2: [
    'EvolutionBackup backup done',
    'CrdbCluster cluster-crdb ...',
    'NodesLive nodes-live done',
    'Replication replication ...',
    'Replication replication done',
  ],
};

/** Series that exist only after an event: an alert, a spike, a loss, an error of the app or of the load. */
export const AFTER_AN_EVENT =
  /^(ALERTS|spike_|evolution:|evolution_step_|witness_lost|workload_tpcc_\w+_error_total)/;

/** The targets of Prometheus with this number of nodes, in the form and the order of `targets`. */
export const targetsOf = (nodes: number): readonly string[] => [
  ...Array.from({ length: nodes }, (_, i) => `cockroachdb ${CLUSTER}-${i} https up`),
  'prometheus http up',
  'sample-app sample-app http up',
  'workload crdb-loadgen http up',
];

/** Names that a node's certificate must have: its Services, present and later nodes, and `localhost`. */
export const nodeNames = (namespace: string): readonly string[] => [
  ...[WRITER, READER, `${CLUSTER}-public`].flatMap((name) => [
    name,
    `${name}.${namespace}`,
    `${name}.${namespace}.svc`,
  ]),
  ...[0, 1, 2, 3, 8].map((i) => `${CLUSTER}-${i}.${CLUSTER}.${namespace}`),
  'localhost',
];
