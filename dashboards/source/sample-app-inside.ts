import { graph, type Query, rate, upOrDown } from './panels.ts';

const HALF = { width: 12, height: 8 };
const THIRD = { width: 8, height: 8 };

/** What the database does to the app. `app` are the label matchers of the app, here and below. */
export function database(app: string) {
  return [
    graph({
      ...HALF,
      title: 'Database latency, writer and reader',
      description:
        'Statements through crdb-writer and crdb-reader, p50 and p99. Together in phase 0; the reader parts from the writer in phase 1.',
      unit: 's',
      queries: [0.5, 0.99].map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (le, connection) (${rate('db_query_duration_seconds_bucket', app)}))`,
        legend: `{{connection}} p${quantile * 100}`,
      })),
    }),
    graph({
      ...HALF,
      title: 'Connections of the pools',
      description:
        'Open, idle and waited-for. `waiting` above 0 for long: the pool is too small, or statements too slow.',
      unit: 'short',
      queries: [
        {
          expr: `sum by (connection, state) (db_pool_connections{${app}})`,
          legend: '{{connection}} {{state}}',
        },
      ],
    }),
    graph({
      ...HALF,
      title: 'Failed statements, writer and reader',
      description:
        'By SQLSTATE, those that were then repeated included. A few 57P01 when a node drains; none otherwise. Users see only what retrying did not mend.',
      unit: 'ops',
      stack: true,
      queries: withZero(app, 'sum by (connection, code)', 'db_errors_total', '{{connection}} {{code}}'),
    }),
    graph({
      ...HALF,
      title: 'Repeated statements, writer and reader',
      description:
        'What the app sent again, by the code of the failure before. 40001 is contention and no fault.',
      unit: 'ops',
      stack: true,
      queries: withZero(app, 'sum by (connection, code)', 'db_retries_total', '{{connection}} {{code}}'),
    }),
  ];
}

/** What the witness saw. */
export function witness(app: string) {
  return [
    graph({
      ...THIRD,
      title: 'Time since the last success',
      description: 'Near 0 in every phase. A tooth is a gap that users felt; above 5 s an alert says so.',
      unit: 's',
      thresholds: [
        [0, 'green'],
        [5, 'red'],
      ],
      queries: [
        { expr: `max(witness_write_gap_seconds{${app}})`, legend: 'write' },
        { expr: `max(witness_read_gap_seconds{${app}})`, legend: 'read' },
        { expr: `max(witness_longest_write_gap_seconds{${app}})`, legend: 'longest, write' },
        { expr: `max(witness_longest_read_gap_seconds{${app}})`, legend: 'longest, read' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Operations of the witness',
      description: 'Four writes and four reads a second, from start to end, whatever happens.',
      unit: 'ops',
      stack: true,
      queries: [
        {
          expr: `sum by (kind, result) (${rate('witness_operations_total', app)})`,
          legend: '{{kind}} {{result}}',
        },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Verdicts of the witness',
      description:
        'Lost and duplicated stay at 0. Stale counts reads older than allowed; unconfirmed is what was not read back yet, about 5 s worth from phase 1 on.',
      unit: 'short',
      queries: ['lost_writes', 'duplicated_writes', 'stale_reads', 'unconfirmed_writes'].map((verdict) => ({
        expr: `sum(witness_${verdict}{${app}})`,
        legend: verdict.replace('_', ' '),
      })),
    }),
  ];
}

/** The app as a process. */
export function processPanels(app: string) {
  return [
    upOrDown({
      ...THIRD,
      title: 'App up',
      description: 'One bar a pod, green from start to end: no step restarts the app.',
      queries: [{ expr: `max by (pod) (up{${app}})`, legend: '{{pod}}' }],
    }),
    graph({
      ...THIRD,
      title: 'CPU and memory',
      description: 'Cores, and resident memory to the right. A spike lifts both for as long as it lasts.',
      unit: 'short',
      queries: [
        { expr: `sum by (pod) (${rate('process_cpu_seconds_total', app)})`, legend: '{{pod}} cores' },
        {
          expr: `sum by (pod) (process_resident_memory_bytes{${app}})`,
          legend: '{{pod}} memory',
          rightUnit: 'bytes',
        },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Event loop lag, p99',
      description:
        'Above 0.1 s the app itself is the bottleneck, and latencies say nothing about the database.',
      unit: 's',
      thresholds: [
        [0, 'green'],
        [0.1, 'red'],
      ],
      queries: [{ expr: `max by (pod) (nodejs_eventloop_lag_p99_seconds{${app}})`, legend: '{{pod}}' }],
    }),
  ];
}

/** A counter that has no series before its first event, with a line at 0 until then. */
function withZero(app: string, sum: string, counter: string, legend: string): Query[] {
  return [
    { expr: `${sum} (${rate(counter, app)})`, legend },
    {
      expr: `0 * sum by (connection) (${rate('db_query_duration_seconds_count', app)})`,
      legend: '{{connection}} none',
    },
  ];
}
