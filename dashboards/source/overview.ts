import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { JOBS } from './jobs.ts';
import { machines, safety } from './overview-machines.ts';
import { figure, graph, type Query, upOrDown } from './panels.ts';

const NODES = `job="${JOBS.database}", namespace=~"$namespace", pod=~"$pod"`;
const LOAD = `job="${JOBS.load}", namespace=~"$namespace"`;

const FIGURE = { width: 3, height: 4 };
const THIRD = { width: 8, height: 8 };

export function overview(): Dashboard {
  return frame({
    uid: 'cockroachdb-overview',
    title: 'CockroachDB overview',
    description:
      'The health of the cluster: nodes, SQL, machines, ranges, certificates and backups. For operators, in every phase.',
    job: JOBS.database,
    from: 'now-30m',
    sections: [
      { panels: figures() },
      { heading: 'Nodes', panels: nodes() },
      { heading: 'SQL', panels: sql() },
      { heading: 'Machines', panels: machines(NODES) },
      { heading: 'Ranges, certificates, backups', panels: safety(NODES) },
    ],
  });
}

function figures() {
  const day = 86_400;
  return [
    figure({
      ...FIGURE,
      title: 'Alerts firing',
      description: 'Of every rule in `alerts/`. 0 in every phase, during planned steps too.',
      unit: 'short',
      thresholds: [
        [0, 'green'],
        [1, 'red'],
      ],
      queries: [
        {
          expr: 'count(ALERTS{alertname=~"(CockroachDB|SampleApp|Witness|Scrape).+", alertstate="firing"}) or vector(0)',
          legend: 'firing',
        },
      ],
    }),
    figure({
      ...FIGURE,
      title: 'Live nodes',
      description: '1 in phase 0, 2 in phase 1, 3 in phase 2.',
      unit: 'short',
      queries: [{ expr: `max(liveness_livenodes{${NODES}})`, legend: 'nodes' }],
    }),
    figure({
      ...FIGURE,
      title: 'Unavailable ranges',
      description: '0 in every phase; anything else is an outage of that data.',
      unit: 'short',
      thresholds: [
        [0, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: `sum(ranges_unavailable{${NODES}})`, legend: 'ranges' }],
    }),
    figure({
      ...FIGURE,
      title: 'Under-replicated ranges',
      description: 'Above 0 only while a step is under way; 0 once it is done.',
      unit: 'short',
      thresholds: [
        [0, 'green'],
        [1, 'orange'],
      ],
      queries: [{ expr: `sum(ranges_underreplicated{${NODES}})`, legend: 'ranges' }],
    }),
    figure({
      ...FIGURE,
      title: 'Statements',
      description: 'A second, over all nodes. The same before and after each step.',
      unit: 'ops',
      decimals: 0,
      queries: [{ expr: `sum(${rate('sql_query_count')})`, legend: 'statements' }],
    }),
    figure({
      ...FIGURE,
      title: 'SQL p99',
      description: 'Time of a statement in the database. Below 1 s in every phase.',
      unit: 'ns',
      thresholds: [
        [0, 'green'],
        [500e6, 'orange'],
        [1e9, 'red'],
      ],
      queries: [quantile(0.99, 'p99')],
    }),
    figure({
      ...FIGURE,
      title: 'Backups in 24 h',
      description:
        'Completed backups. One more with each step: `evolve` takes one before it changes anything.',
      unit: 'short',
      decimals: 0,
      thresholds: [
        [0, 'orange'],
        [0.5, 'green'],
      ],
      queries: [{ expr: `sum(increase(jobs_backup_resume_completed{${NODES}}[24h]))`, legend: 'backups' }],
    }),
    figure({
      ...FIGURE,
      title: 'Node certificate',
      description: 'Time left of the node certificate that ends first. Two years at first.',
      unit: 's',
      thresholds: [
        [0, 'red'],
        [3 * day, 'orange'],
        [21 * day, 'green'],
      ],
      queries: [
        { expr: `min(security_certificate_expiration_node{${NODES}} > 0) - time()`, legend: 'time left' },
      ],
    }),
  ];
}

function nodes() {
  return [
    upOrDown({
      ...THIRD,
      title: 'Node up',
      description: 'One bar a node, green from its start. Each step adds a bar; none is ever interrupted.',
      queries: [{ expr: `max by (pod) (up{${NODES}})`, legend: '{{pod}}' }],
    }),
    graph({
      ...THIRD,
      title: 'Live nodes, as each node sees it',
      description:
        'All nodes agree on 1, then 2, then 3. Lines that part mean that nodes do not see each other.',
      unit: 'short',
      steps: true,
      queries: [{ expr: `max by (pod) (liveness_livenodes{${NODES}})`, legend: '{{pod}}' }],
    }),
    graph({
      ...THIRD,
      title: 'Uptime',
      description: 'Only rises. A line that falls to 0 is a restart, and no step restarts a node.',
      unit: 's',
      queries: [{ expr: `max by (pod) (sys_uptime{${NODES}})`, legend: '{{pod}}' }],
    }),
  ];
}

function sql() {
  return [
    graph({
      ...THIRD,
      title: 'Statements by kind',
      description: 'A second. Reads lead; a spike lifts selects most. Steps leave no trace.',
      unit: 'ops',
      queries: ['select', 'insert', 'update', 'delete'].map((kind) => ({
        expr: `sum(${rate(`sql_${kind}_count`)})`,
        legend: kind,
      })),
    }),
    graph({
      ...THIRD,
      title: 'Transactions',
      description:
        'Begun, committed, rolled back and aborted a second, explicit ones. Commits keep up with begins.',
      unit: 'ops',
      queries: ['begin', 'commit', 'rollback', 'abort'].map((kind) => ({
        expr: `sum(${rate(`sql_txn_${kind}_count`)})`,
        legend: kind,
      })),
    }),
    graph({
      ...THIRD,
      title: 'SQL latency',
      description:
        'p50, p95 and p99 of statements, in the database. Writes cost a little more in phase 2: two of three nodes agree on each.',
      unit: 'ns',
      queries: [quantile(0.5, 'p50'), quantile(0.95, 'p95'), quantile(0.99, 'p99')],
    }),
    graph({
      ...THIRD,
      title: 'Failed statements',
      description: 'A second. 0 or close to it; the reader that tries to write shows here once.',
      unit: 'ops',
      queries: [{ expr: `sum by (pod) (${rate('sql_failure_count')})`, legend: '{{pod}}' }],
    }),
    graph({
      ...THIRD,
      title: 'Connections per node',
      description: 'All on the first node at first. New connections go to new nodes, as pools renew theirs.',
      unit: 'short',
      queries: [
        { expr: `sum by (pod) (sql_conns{${NODES}})`, legend: '{{pod}}' },
        { expr: `sum(sql_txns_open{${NODES}})`, legend: 'open transactions' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'TPC-C load',
      description: 'Transactions of cockroach workload a second. Never interrupted; `failed` stays at 0.',
      unit: 'ops',
      queries: [
        ...['newOrder', 'payment', 'orderStatus', 'delivery', 'stockLevel'].map((operation) => ({
          expr: `sum(rate(workload_tpcc_${operation}_success_total{${LOAD}}[$__rate_interval]))`,
          legend: operation,
        })),
        {
          expr: `sum(rate(workload_tpcc_newOrder_error_total{${LOAD}}[$__rate_interval]))`,
          legend: 'failed newOrder',
        },
      ],
    }),
  ];
}

function rate(metric: string): string {
  return `rate(${metric}{${NODES}}[$__rate_interval])`;
}

function quantile(of: number, legend: string): Query {
  return { expr: `histogram_quantile(${of}, sum by (le) (${rate('sql_service_latency_bucket')}))`, legend };
}
