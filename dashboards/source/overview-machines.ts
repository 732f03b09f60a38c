import { graph } from './panels.ts';

const THIRD = { width: 8, height: 8 };

/** The panels on CPU, memory, disk and clock. `nodes` are the label matchers of the database's nodes. */
export function machines(nodes: string) {
  const rate = (metric: string) => `rate(${metric}{${nodes}}[$__rate_interval])`;
  return [
    graph({
      ...THIRD,
      title: 'CPU per node',
      description:
        'Share of the cores that the node may use. The first node relaxes when others take leases, in phase 2.',
      unit: 'percentunit',
      max: 1,
      thresholds: [
        [0, 'green'],
        [0.8, 'red'],
      ],
      queries: [{ expr: `max by (pod) (sys_cpu_combined_percent_normalized{${nodes}})`, legend: '{{pod}}' }],
    }),
    graph({
      ...THIRD,
      title: 'Memory per node',
      description: 'Resident memory as a share of what the node may use. Climbs after a start and settles.',
      unit: 'percentunit',
      max: 1,
      thresholds: [
        [0, 'green'],
        [0.9, 'red'],
      ],
      queries: [
        {
          expr: `max by (pod) (sys_rss{${nodes}}) / max by (pod) (sys_totalmem{${nodes}})`,
          legend: '{{pod}}',
        },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Disk used per node',
      description: 'How full each store is. A new node starts empty and approaches the others.',
      unit: 'percentunit',
      max: 1,
      thresholds: [
        [0, 'green'],
        [0.85, 'red'],
      ],
      queries: [
        {
          expr: `1 - sum by (pod) (capacity_available{${nodes}}) / sum by (pod) (capacity{${nodes}})`,
          legend: '{{pod}}',
        },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Disk reads and writes',
      description:
        'Bytes a second on the machine of each node. Writes rise on a new node while snapshots arrive.',
      unit: 'Bps',
      queries: [
        { expr: `sum by (pod) (${rate('sys_host_disk_read_bytes')})`, legend: '{{pod}} read' },
        { expr: `sum by (pod) (${rate('sys_host_disk_write_bytes')})`, legend: '{{pod}} write' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Log sync latency, p99',
      description:
        'How long the disk takes to make a write durable. Every commit waits for it; steps do not change it.',
      unit: 'ns',
      queries: [
        {
          expr: `histogram_quantile(0.99, sum by (le, pod) (${rate('storage_wal_fsync_latency_bucket')}))`,
          legend: '{{pod}}',
        },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Clock offset',
      description: 'To the other nodes, so from phase 1 on. A node that is 400 ms off stops itself.',
      unit: 'ns',
      thresholds: [
        [0, 'green'],
        [300e6, 'red'],
      ],
      queries: [{ expr: `max by (pod) (abs(clock_offset_meannanos{${nodes}}))`, legend: '{{pod}}' }],
    }),
  ];
}

/** The panels on what protects the data. */
export function safety(nodes: string) {
  return [
    graph({
      ...THIRD,
      title: 'Range health',
      description:
        'Under-replicated rises and drains in phases 1 and 2. Unavailable and tripped breakers stay at 0.',
      unit: 'short',
      steps: true,
      queries: [
        { expr: `sum(ranges_underreplicated{${nodes}})`, legend: 'under-replicated' },
        { expr: `sum(ranges_overreplicated{${nodes}})`, legend: 'over-replicated' },
        { expr: `sum(ranges_unavailable{${nodes}})`, legend: 'unavailable' },
        {
          expr: `sum(kv_replica_circuit_breaker_num_tripped_replicas{${nodes}})`,
          legend: 'tripped breakers',
        },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Time left of certificates',
      description:
        'Straight lines down, far above 21 days. A renewal lifts the line, and takes a rolling restart.',
      unit: 's',
      queries: [
        {
          expr: `min by (pod) (security_certificate_expiration_node{${nodes}} > 0) - time()`,
          legend: '{{pod}}',
        },
        { expr: `min(security_certificate_expiration_ca{${nodes}} > 0) - time()`, legend: 'CA' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Backups',
      description: 'One backup before each step. Failed stays at 0.',
      unit: 'short',
      stack: true,
      queries: [
        { expr: `sum(jobs_backup_currently_running{${nodes}})`, legend: 'running' },
        {
          expr: `sum(increase(jobs_backup_resume_completed{${nodes}}[$__rate_interval]))`,
          legend: 'completed',
        },
        { expr: `sum(increase(jobs_backup_resume_failed{${nodes}}[$__rate_interval]))`, legend: 'failed' },
      ],
    }),
  ];
}
