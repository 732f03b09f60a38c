import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { JOBS } from './jobs.ts';
import { DATASOURCE } from './panels.ts';

/** Grafana draws a mark where a series of an annotation is above 0, and a region where it stays there. */
export function events(job: string): dashboard.AnnotationQueryBuilder[] {
  const app = job === JOBS.app ? 'namespace=~"$namespace"' : 'namespace=~"$app_namespace"';
  // The app's dashboard has no variable for the database: there, the events are those of every database of the data source.
  const nodes =
    job === JOBS.app ? `job="${JOBS.database}"` : `job="${JOBS.database}", namespace=~"$namespace"`;
  return [
    event({
      name: 'Phases',
      colour: 'purple',
      title: '{{phase}}',
      // The value is the moment of the mark: exact, whatever the scrape interval.
      expr: `max by (phase) (evolution_phase_started_timestamp_seconds{${app}}) * 1000`,
    }).useValueForTime(true),
    event({
      name: 'Planned steps',
      colour: 'blue',
      title: 'step under way',
      expr: `max(evolution_step_started_timestamp_seconds{${app}}) > 0`,
    }),
    event({
      name: 'Backups',
      colour: 'green',
      title: 'backup',
      // Most backups of a demo are shorter than the scrape interval, so that only the count shows them.
      expr: `sum(jobs_backup_currently_running{${nodes}}) + sum(increase(jobs_backup_resume_completed{${nodes}}[1m])) > 0`,
    }),
    event({
      name: 'Spikes',
      colour: 'orange',
      title: 'spike',
      expr: `max(spike_target_rps{${app}}) > 0`,
    }),
    event({
      name: 'Nodes come and go',
      colour: 'red',
      title: 'live nodes changed',
      expr: `max by (namespace) (liveness_livenodes{${nodes}}) != max by (namespace) (liveness_livenodes{${nodes}} offset 1m)`,
    }),
  ];
}

function event(options: { name: string; colour: string; title: string; expr: string }) {
  return new dashboard.AnnotationQueryBuilder()
    .name(options.name)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(options.colour)
    .titleFormat(options.title)
    .target(
      new DataqueryBuilder()
        .refId('Anno')
        .expr(options.expr)
        .legendFormat(options.title)
        .interval('15s')
        .range(),
    );
}
