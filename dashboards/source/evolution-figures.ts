import { figure } from './panels.ts';

/** Eight side by side. */
const FIGURE = { width: 3, height: 3 };

/** The first row: where we are. The arguments are the label matchers of the nodes and of the app. */
export function figures(nodes: string, app: string) {
  return [
    figure({
      ...FIGURE,
      title: 'Phase',
      description: 'The phase that was marked last, when its step began: phase0, phase1, phase2.',
      unit: 'short',
      show: 'name',
      noValue: 'not marked',
      queries: [
        {
          expr: `topk(1, max by (phase) (evolution_phase_started_timestamp_seconds{${app}}))`,
          legend: '{{phase}}',
        },
      ],
    }),
    figure({
      ...FIGURE,
      title: 'Live nodes',
      description: 'Nodes that the cluster counts as live: 1, then 2, then 3.',
      unit: 'short',
      queries: [{ expr: `max(liveness_livenodes{${nodes}})`, legend: 'nodes' }],
    }),
    figure({
      ...FIGURE,
      title: 'Copies per range',
      description:
        'The replication factor as it is, not as it is set: replicas divided by ranges. 1 in phase 0, 2 in phase 1, 3 in phase 2.',
      unit: 'short',
      decimals: 2,
      queries: [{ expr: `sum(replicas{${nodes}}) / sum(ranges{${nodes}})`, legend: 'copies' }],
    }),
    figure({
      ...FIGURE,
      title: 'Under-replicated',
      description: 'Ranges with fewer copies than asked for. Above 0 only while a step is under way.',
      unit: 'short',
      thresholds: [
        [0, 'green'],
        [1, 'orange'],
      ],
      queries: [{ expr: `sum(ranges_underreplicated{${nodes}})`, legend: 'ranges' }],
    }),
    figure({
      ...FIGURE,
      title: 'Unavailable',
      description: 'Ranges that cannot serve. 0 in every phase; anything else is an outage.',
      unit: 'short',
      thresholds: [
        [0, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: `sum(ranges_unavailable{${nodes}})`, legend: 'ranges' }],
    }),
    figure({
      ...FIGURE,
      title: 'Failed requests',
      description: 'Share of logins and searches that the app answered with 5xx. Stays 0 through every step.',
      unit: 'percentunit',
      thresholds: [
        [0, 'green'],
        [0.0001, 'orange'],
        [0.01, 'red'],
      ],
      queries: [
        {
          expr: `(sum(rate(http_requests_total{${app}, route=~"/login|/search", status=~"5.."}[$__rate_interval])) or vector(0)) / sum(rate(http_requests_total{${app}, route=~"/login|/search"}[$__rate_interval]))`,
          legend: 'failed',
        },
      ],
    }),
    figure({
      ...FIGURE,
      title: 'Longest write gap',
      description: 'The longest time without an acknowledged write since the app started. Stays below 5 s.',
      unit: 's',
      decimals: 1,
      thresholds: [
        [0, 'green'],
        [1, 'orange'],
        [5, 'red'],
      ],
      queries: [{ expr: `max(witness_longest_write_gap_seconds{${app}})`, legend: 'gap' }],
    }),
    figure({
      ...FIGURE,
      title: 'Lost writes',
      description: 'Writes that were acknowledged and are no longer there. 0 in every phase.',
      unit: 'short',
      thresholds: [
        [0, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: `sum(witness_lost_writes{${app}})`, legend: 'writes' }],
    }),
  ];
}
