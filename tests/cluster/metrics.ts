import { expect } from 'vitest';
import { dashboardExpressions, dashboardFiles, ruleExpressions } from '../support/observability.ts';
import { Expression, withoutVariables } from '../support/promql.ts';
import { AFTER_AN_EVENT } from './expected.ts';

/** A line for each target: its job, its pod, its protocol, and its health. */
export async function targets(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as {
    data: {
      activeTargets: {
        scrapePool: string;
        scrapeUrl: string;
        health: string;
        labels: Record<string, string>;
      }[];
    };
  };
  return data.activeTargets
    .map(({ scrapePool, scrapeUrl, health, labels }) => {
      const name = (labels.pod ?? '').replace(/-[0-9a-f]{6,}-[0-9a-z]{5}$/, '');
      return [scrapePool, name, new URL(scrapeUrl).protocol.slice(0, -1), health].filter(Boolean).join(' ');
    })
    .sort();
}

/** Every series that a dashboard or an alert queries and Prometheus does not have. */
export async function seriesMissing(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/v1/label/__name__/values`);
  const { data } = (await answer.json()) as { data: string[] };
  const wanted = [...dashboardExpressions(), ...ruleExpressions()].flatMap(({ expr }) =>
    new Expression(withoutVariables(expr)).selectors.map(({ metric }) => metric),
  );
  return [...new Set(wanted)].filter((name) => !data.includes(name) && !AFTER_AN_EVENT.test(name)).sort();
}

/** Titles of panels of the dashboard "cockroachdb-evolution" with a query that returns nothing. */
export async function panelsWithoutData(url: string): Promise<string[]> {
  const panels = dashboardFiles().find(({ uid }) => uid === 'cockroachdb-evolution')?.panels ?? [];
  const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  expect(queries.length).toBeGreaterThan(10);
  const without: string[] = [];
  for (const { title, expr } of queries) {
    const query = withoutVariables(expr).replace(/\$[a-z_]+/g, '.*');
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data, error } = (await answer.json()) as { data?: { result: unknown[] }; error?: string };
    if (error !== undefined) throw new Error(`${title}: ${error}: ${query}`);
    if (data?.result.length === 0) without.push(`${title}: ${query}`);
  }
  return without;
}
