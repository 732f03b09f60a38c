import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { figures } from './evolution-figures.ts';
import { frame } from './frame.ts';
import { JOBS } from './jobs.ts';
import { graph } from './panels.ts';

const NODES = `job="${JOBS.database}", namespace=~"$namespace", pod=~"$pod"`;
const APP = 'namespace=~"$app_namespace"';

/** Four side by side. */
const GRAPH = { width: 6, height: 6 };

/**
 * The story on one screen. 21 rows of 38 pixels are 798: what a browser's window of 1080 lines leaves below its own bars
 * (about 110) and Grafana's header and variables (about 140).
 */
export function evolution(): Dashboard {
  return frame({
    uid: 'cockroachdb-evolution',
    title: 'CockroachDB evolution',
    description:
      'One node to three, live, on one screen. Boring is good: copies and nodes change, the lower right corner does not.',
    job: JOBS.database,
    from: 'now-15m',
    sections: [{ panels: [...figures(NODES, APP), ...copies(), ...placement(), ...boring()] }],
  });
}

/** What a step changes on purpose. */
function copies() {
  return [
    graph({
      ...GRAPH,
      title: 'Nodes',
      description:
        'Each step adds one node. Answering comes first, live follows in seconds. No line goes down in an evolution.',
      unit: 'short',
      steps: true,
      queries: [
        { expr: `max(liveness_livenodes{${NODES}})`, legend: 'live' },
        { expr: `sum(up{${NODES}})`, legend: 'answering' },
      ],
    }),
    graph({
      ...GRAPH,
      title: 'Copies per range',
      description:
        'Climbs from 1 to 2 (a voter and a non-voting copy) in phase 1, and to 3 (all voters) in phase 2. CockroachDB counts both kinds together here; beside it stands what it adds.',
      unit: 'short',
      queries: [{ expr: `sum(replicas{${NODES}}) / sum(ranges{${NODES}})`, legend: 'copies per range' }],
    }),
    graph({
      ...GRAPH,
      title: 'Voters and non-voters placed',
      description:
        'What the replicate queue does. Phase 1 adds non-voters; phase 2 promotes them and adds voters; then nothing: it has settled.',
      unit: 'short',
      stack: true,
      queries: [
        queue('addvoterreplica', 'voters added'),
        queue('addnonvoterreplica', 'non-voters added'),
        queue('nonvoterpromotions', 'promoted to voter'),
        queue('removereplica', 'removed'),
      ],
    }),
    graph({
      ...GRAPH,
      title: 'Under-replicated and unavailable ranges',
      description:
        'Phase 1 and 2: under-replicated rises when the factor is raised, then drains to 0. Unavailable stays at 0. Both stay at 0 in phase 0.',
      unit: 'short',
      steps: true,
      queries: [
        { expr: `sum(ranges_underreplicated{${NODES}})`, legend: 'under-replicated' },
        { expr: `sum(ranges_unavailable{${NODES}})`, legend: 'unavailable' },
      ],
    }),
  ];
}

/** Where the copies go. */
function placement() {
  return [
    graph({
      ...GRAPH,
      title: 'Replicas per node',
      description:
        'The new node starts at 0 and fills. After phase 2 the three lines meet: each node has a copy of all.',
      unit: 'short',
      queries: [{ expr: `sum by (pod) (replicas{${NODES}})`, legend: '{{pod}}' }],
    }),
    graph({
      ...GRAPH,
      title: 'Leases and Raft leaders per node',
      description:
        'Who serves and who leads, about the same node for each range. All on one node in phases 0 and 1, where it alone votes; spreads over three in phase 2.',
      unit: 'short',
      queries: [
        { expr: `sum by (pod) (replicas_leaseholders{${NODES}})`, legend: '{{pod}} leases' },
        { expr: `sum by (pod) (replicas_leaders{${NODES}})`, legend: '{{pod}} leaders' },
      ],
    }),
    graph({
      ...GRAPH,
      title: 'Snapshots received',
      description:
        'The data on its way to new copies: a hill in phase 1, a larger one in phase 2, flat before and after.',
      unit: 'Bps',
      stack: true,
      queries: [
        snapshots('upreplication', 'new copies'),
        snapshots('rebalancing', 'rebalancing'),
        snapshots('recovery', 'recovery'),
      ],
    }),
    graph({
      ...GRAPH,
      title: 'Rebalancing',
      description:
        'Ranges and leases that move to even out the load, and ranges that wait for the replicate queue. Busy after each new node, then quiet.',
      unit: 'short',
      queries: [
        {
          expr: `sum(increase(rebalancing_range_rebalances{${NODES}}[$__rate_interval]))`,
          legend: 'ranges moved',
        },
        {
          expr: `sum(increase(rebalancing_lease_transfers{${NODES}}[$__rate_interval]))`,
          legend: 'leases moved',
        },
        { expr: `sum(queue_replicate_pending{${NODES}})`, legend: 'waiting' },
      ],
    }),
  ];
}

/** What rebalancing weighs, and what must stay as it was. */
function boring() {
  return [
    graph({
      ...GRAPH,
      title: 'Store capacity used',
      description: 'How full each disk is. The new node approaches the others; none comes near 85 %.',
      unit: 'percentunit',
      max: 1,
      thresholds: [
        [0, 'green'],
        [0.85, 'red'],
      ],
      queries: [
        {
          expr: `1 - sum by (pod) (capacity_available{${NODES}}) / sum by (pod) (capacity{${NODES}})`,
          legend: '{{pod}}',
        },
      ],
    }),
    graph({
      ...GRAPH,
      title: 'Load per node',
      description:
        'Requests a second to the leases of each store: the signal that rebalancing follows. One line carries all until phase 2, then three share.',
      unit: 'reqps',
      queries: [{ expr: `sum by (pod) (rebalancing_queriespersecond{${NODES}})`, legend: '{{pod}}' }],
    }),
    graph({
      ...GRAPH,
      title: 'SQL: boring is good',
      description: 'Statements a second and their p99, left and right. Flat but for spikes, in every phase.',
      unit: 'ops',
      queries: [
        { expr: `sum(rate(sql_query_count{${NODES}}[$__rate_interval]))`, legend: 'statements' },
        {
          expr: `histogram_quantile(0.99, sum by (le) (rate(sql_service_latency_bucket{${NODES}}[$__rate_interval])))`,
          legend: 'p99',
          rightUnit: 'ns',
        },
      ],
    }),
    graph({
      ...GRAPH,
      title: 'Time since the witness last succeeded',
      description:
        'The app writes and reads four times a second. Near 0 in every phase; a tooth is a gap that users felt, above 5 s it is an outage.',
      unit: 's',
      thresholds: [
        [0, 'green'],
        [5, 'red'],
      ],
      queries: [
        { expr: `max(witness_write_gap_seconds{${APP}})`, legend: 'write' },
        { expr: `max(witness_read_gap_seconds{${APP}})`, legend: 'read' },
      ],
    }),
  ];
}

function queue(action: string, legend: string) {
  return { expr: `sum(increase(queue_replicate_${action}{${NODES}}[$__rate_interval]))`, legend };
}

function snapshots(reason: string, legend: string) {
  return { expr: `sum(rate(range_snapshots_${reason}_rcvd_bytes{${NODES}}[$__rate_interval]))`, legend };
}
