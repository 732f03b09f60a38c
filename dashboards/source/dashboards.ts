import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { evolution } from './evolution.ts';
import { overview } from './overview.ts';
import { picture } from './picture.ts';
import { prometheusRule } from './prometheus-rule.ts';
import { sampleApp } from './sample-app.ts';

export const DASHBOARDS: readonly (() => Dashboard)[] = [overview, evolution, sampleApp];

/** Every generated file, by its path below `dashboards/`. */
export function files(): Record<string, string> {
  const ofDashboards = DASHBOARDS.map((make) => make()).flatMap((dashboard) => {
    const json = formatted(dashboard);
    return [
      [`${dashboard.uid}.json`, json],
      // Drawn from the file, not from its source: the picture shows what Grafana gets.
      [`pictures/${dashboard.uid}.svg`, picture(JSON.parse(json))],
    ];
  });
  return { ...Object.fromEntries(ofDashboards), 'optional/prometheusrule.yaml': prometheusRule() };
}

/** JSON as the repository's formatter leaves it: lists of plain values on one line. */
function formatted(dashboard: Dashboard): string {
  const text = JSON.stringify(dashboard, null, 2);
  return `${text.replace(/\[\s+((?:"[^"\\]*"|[\d.]+)(?:,\s+(?:"[^"\\]*"|[\d.]+))*)\s+\]/g, (_, values: string) => `[${values.replace(/,\s+/g, ', ')}]`)}\n`;
}
