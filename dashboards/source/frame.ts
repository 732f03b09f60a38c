import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { events } from './events.ts';
import { JOBS, type Job } from './jobs.ts';
import { DATASOURCE } from './panels.ts';

/** A row of panels under a heading; without one, the panels alone. */
export interface Section {
  readonly heading?: string;
  readonly panels: readonly cog.Builder<dashboard.Panel>[];
}

export interface DashboardOptions {
  /** Fixed: addresses and links hold it. */
  readonly uid: Uid;
  readonly title: string;
  readonly description: string;
  /** The job whose namespaces and pods the variables list. */
  readonly job: Job;
  readonly from: string;
  readonly sections: readonly Section[];
}

const TITLES = {
  'cockroachdb-evolution': 'CockroachDB evolution',
  'cockroachdb-overview': 'CockroachDB overview',
  'sample-app': 'Sample app',
} as const;
export type Uid = keyof typeof TITLES;

/** Everything but the panels: variables, events, links, and the same settings for all three. */
export function frame(options: DashboardOptions): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.description)
    .tags(['cockroachdb-live-evolution'])
    .editable()
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: options.from, to: 'now' })
    .refresh('5s')
    .variables(variables(options.job))
    .annotations(events(options.job))
    .links(
      Object.entries(TITLES)
        .filter(([uid]) => uid !== options.uid)
        // The time range goes along; the namespace does not, since app and database have one each.
        .map(([uid, title]) =>
          new dashboard.DashboardLinkBuilder(title)
            .type(dashboard.DashboardLinkType.Link)
            .url(`/d/${uid}?\${datasource:queryparam}`)
            .icon('dashboard')
            .keepTime(true),
        ),
    );
  for (const { heading, panels } of options.sections) {
    if (heading !== undefined) builder.withRow(new dashboard.RowBuilder(heading).collapsed(false));
    for (const panel of panels) builder.withPanel(panel);
  }
  const built = builder.build();
  // The SDK puts links into a menu; in front of an audience they are better seen.
  for (const link of built.links ?? []) delete link.placement;
  // Annotations and links to a panel hold its number.
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1;
  return built;
}

function variables(job: Job): cog.Builder<dashboard.VariableModel>[] {
  const datasource = new dashboard.DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus');
  const namespace = labelValues('namespace', 'Namespace', `up{job="${job}"}`);
  // `.*` rather than the list of pods: a pod that joins during the demo is there at once.
  const pod = labelValues('pod', 'Pod', `up{job="${job}", namespace=~"$namespace"}`).allValue('.*');
  const app = labelValues('app_namespace', 'App namespace', `up{job="${JOBS.app}"}`, 'namespace');
  return job === JOBS.app ? [datasource, namespace, pod] : [datasource, namespace, pod, app];
}

function labelValues(name: string, label: string, series: string, of = name): dashboard.QueryVariableBuilder {
  const query = `label_values(${series}, ${of})`;
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .definition(query)
    .query({ query, refId: `Variable-${name}` })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: 'All', value: '$__all' });
}
