import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { JOBS } from './jobs.ts';
import { figure, graph, type Query, rate } from './panels.ts';
import { database, processPanels, witness } from './sample-app-inside.ts';

const APP = `job="${JOBS.app}", namespace=~"$namespace", pod=~"$pod"`;
const ROUTES = `${APP}, route=~"/login|/search"`;

const FIGURE = { width: 4, height: 4 };
const HALF = { width: 12, height: 8 };
const THIRD = { width: 8, height: 8 };

export function sampleApp(): Dashboard {
  return frame({
    uid: 'sample-app',
    title: 'Sample app',
    description:
      'What the users of the sample app get, what its database does to it, and what the witness saw.',
    job: JOBS.app,
    from: 'now-15m',
    sections: [
      { panels: figures() },
      { heading: 'Requests', panels: requests() },
      { heading: 'Spike', panels: spike() },
      { heading: 'Database, as the app sees it', panels: database(APP) },
      { heading: 'Witness', panels: witness(APP) },
      { heading: 'Process', panels: processPanels(APP) },
    ],
  });
}

function figures() {
  const bad = [
    [0, 'green'],
    [1, 'red'],
  ] as const;
  return [
    figure({
      ...FIGURE,
      title: 'Requests',
      description: 'Logins and searches a second. The steady load in every phase; a spike lifts it.',
      unit: 'reqps',
      decimals: 0,
      queries: [{ expr: `sum(${rate('http_requests_total', ROUTES)})`, legend: 'requests' }],
    }),
    figure({
      ...FIGURE,
      title: 'Failed',
      description: 'Share of logins and searches answered with 5xx. 0 through every step.',
      unit: 'percentunit',
      thresholds: [
        [0, 'green'],
        [0.0001, 'orange'],
        [0.01, 'red'],
      ],
      queries: [
        {
          expr: `(sum(${rate('http_requests_total', `${ROUTES}, status=~"5.."`)}) or vector(0)) / sum(${rate('http_requests_total', ROUTES)})`,
          legend: 'failed',
        },
      ],
    }),
    figure({
      ...FIGURE,
      title: 'Spike target',
      description: 'Requests a second that the spike aims at; 0 when none runs.',
      unit: 'reqps',
      queries: [{ expr: `sum(spike_target_rps{${APP}})`, legend: 'target' }],
    }),
    figure({
      ...FIGURE,
      title: 'Longest write gap',
      description: 'The longest time without an acknowledged write since the app started.',
      unit: 's',
      decimals: 1,
      thresholds: [
        [0, 'green'],
        [1, 'orange'],
        [5, 'red'],
      ],
      queries: [{ expr: `max(witness_longest_write_gap_seconds{${APP}})`, legend: 'gap' }],
    }),
    figure({
      ...FIGURE,
      title: 'Lost writes',
      description: 'Writes that were acknowledged and are no longer there. 0 in every phase.',
      unit: 'short',
      thresholds: bad,
      queries: [{ expr: `sum(witness_lost_writes{${APP}})`, legend: 'lost' }],
    }),
    figure({
      ...FIGURE,
      title: 'Duplicated writes',
      description:
        'Writes that are there more than once, although the app repeats what met an error. 0 in every phase.',
      unit: 'short',
      thresholds: bad,
      queries: [{ expr: `sum(witness_duplicated_writes{${APP}})`, legend: 'duplicated' }],
    }),
  ];
}

function requests() {
  return [
    graph({
      ...HALF,
      title: 'Requests by route',
      description:
        'Flat under the steady load in every phase; searches lead during a spike, 4 to 1 by default.',
      unit: 'reqps',
      queries: [{ expr: `sum by (route) (${rate('http_requests_total', ROUTES)})`, legend: '{{route}}' }],
    }),
    graph({
      ...HALF,
      title: 'Errors by route and status',
      description:
        'Answers of 4xx and 5xx a second. 0 in every phase. 503 in phase 0 or 1 when the only voting node is away: that is its fragility.',
      unit: 'reqps',
      stack: true,
      queries: [
        {
          expr: `sum by (route, status) (${rate('http_requests_total', `${ROUTES}, status=~"[45].."`)})`,
          legend: '{{route}} {{status}}',
        },
        // A line at 0 where nothing failed, rather than "No data".
        { expr: `0 * sum(${rate('http_requests_total', ROUTES)})`, legend: 'none' },
      ],
    }),
    graph({
      ...HALF,
      title: 'Latency of /login',
      description:
        'Through the writer. A spike lifts p99 in phase 0; in phase 2 a write waits for two of three nodes, a little more.',
      unit: 's',
      queries: quantiles('http_request_duration_seconds', `${APP}, route="/login"`),
    }),
    graph({
      ...HALF,
      title: 'Latency of /search',
      description:
        'Through the reader. From phase 1 on as app_reader, and from the second copy: steadier under a spike.',
      unit: 's',
      queries: quantiles('http_request_duration_seconds', `${APP}, route="/search"`),
    }),
  ];
}

function spike() {
  return [
    graph({
      ...THIRD,
      title: 'Spike: target and achieved',
      description: 'The two lines lie on each other as long as the database keeps up.',
      unit: 'reqps',
      steps: true,
      queries: [
        { expr: `sum(spike_target_rps{${APP}})`, legend: 'target' },
        { expr: `sum(spike_achieved_rps{${APP}})`, legend: 'achieved' },
      ],
    }),
    graph({
      ...THIRD,
      title: 'Spike: active workers',
      description:
        'Requests of the spike under way. A hill that keeps growing means answers come too slowly.',
      unit: 'short',
      queries: [{ expr: `sum(spike_active_workers{${APP}})`, legend: 'active workers' }],
    }),
    graph({
      ...THIRD,
      title: 'Spike: results',
      description: 'Answers to the spike, a second. Only `ok`, in every phase.',
      unit: 'reqps',
      stack: true,
      queries: [{ expr: `sum by (result) (${rate('spike_requests_total', APP)})`, legend: '{{result}}' }],
    }),
  ];
}

function quantiles(histogram: string, labels: string): Query[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le) (${rate(`${histogram}_bucket`, labels)}))`,
    legend: `p${quantile * 100}`,
  }));
}
