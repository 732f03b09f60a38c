import type { Exercise, Kind } from './kinds.ts';

/** A figure that others published, for the same question on their own machines. */
export interface Published {
  readonly who: string;
  readonly figure: string;
  readonly source: string;
}

const LOST: Published[] = [
  {
    who: 'CockroachDB roachtest, crash of the node with the liveness range, worst client latency, leader leases',
    figure: '0.32-0.34 s',
    source: 'cockroachdb/cockroach #133612, PR #131624',
  },
  {
    who: "CockroachDB roachtest, crash of a range's leaseholder (2024)",
    figure: '7.0-8.1 s',
    source: 'cockroachdb/cockroach PR #128642',
  },
  {
    who: 'CockroachDB documentation, lease moves off a dead node',
    figure: 'within a few seconds',
    source: 'cockroachdb/docs v25.2/architecture/replication-layer.md',
  },
  {
    who: 'YugabyteDB documentation, failover',
    figure: 'about 3 s',
    source: 'docs.yugabyte.com, fault tolerance on Kubernetes',
  },
  {
    who: 'CloudNativePG e2e, failover budget',
    figure: '< 10 s (kind), < 30 s (cloud)',
    source: 'cloudnative-pg tests/e2e/fastfailover_test.go, docs e2e.md',
  },
];

const PLANNED: Published[] = [
  {
    who: 'CloudNativePG e2e, switchover budget',
    figure: '< 20 s',
    source: 'cloudnative-pg tests/e2e/fastswitchover_test.go',
  },
  { who: 'Vitess, client held by the buffer at most', figure: '<= 10 s', source: 'vitess buffer/flags.go' },
];

const NEVER_LOST: Published = {
  who: 'CloudNativePG documentation, loss of data without synchronous replicas',
  figure: 'up to 5 min (RPO)',
  source: 'cloudnative-pg docs/src/backup.md, operator_capability_levels.md',
};

/** What a drill's results are shown beside. Budgets and worst cases, not measurements of this machine. */
export const PUBLISHED: Readonly<Record<Exercise, readonly Published[]>> = {
  'pod-kill': [...LOST, NEVER_LOST],
  drain: [...PLANNED, NEVER_LOST],
  'node-loss': [
    ...LOST,
    {
      who: 'CloudNativePG documentation, an unreachable machine is noticed',
      figure: 'after 40-55 s',
      source: 'cloudnative-pg docs/src/failover.md',
    },
    NEVER_LOST,
  ],
};

/** Nobody publishes how long their only node is away. */
export const publishedFor = (kind: Kind): readonly Published[] => (kind === 'outage' ? [] : PUBLISHED[kind]);
