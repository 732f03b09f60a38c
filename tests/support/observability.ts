import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const REPOSITORY = join(__dirname, '../..');

/** What the tests read of a dashboard's JSON. */
export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly PanelFile[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly titleFormat: string;
      readonly target: TargetFile;
    }[];
  };
  readonly links: readonly { readonly url: string }[];
}

export interface PanelFile {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly TargetFile[];
  readonly options?: unknown;
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly custom?: unknown } };
}

export interface TargetFile {
  readonly expr: string;
  readonly legendFormat: string;
}

export interface Rule {
  readonly file: string;
  /** The alert's name; undefined for a recording rule. */
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One expression, and the labels that a text about its result names. */
export interface Source {
  readonly where: string;
  readonly expr: string;
  readonly labelsNamed: readonly string[];
}

export function dashboardFiles(): DashboardFile[] {
  return names('dashboards', /\.json$/).map(
    (name) => JSON.parse(readFileSync(join(REPOSITORY, 'dashboards', name), 'utf8')) as DashboardFile,
  );
}

export function ruleFiles(): string[] {
  return names('alerts', /(?<!\.test)\.yml$/);
}

export function ruleTestFiles(): string[] {
  return names('alerts', /\.test\.yml$/);
}

export function rules(): Rule[] {
  return ruleFiles().flatMap((file) => {
    const { groups } = parse(readFileSync(join(REPOSITORY, 'alerts', file), 'utf8')) as {
      groups: { rules: Omit<Rule, 'file'>[] }[];
    };
    return groups.flatMap((group) => group.rules).map((rule) => ({ file, ...rule }));
  });
}

/** Every expression of every dashboard (panels, annotations, variables). */
export function dashboardExpressions(): Source[] {
  return dashboardFiles().flatMap((dashboard) => [
    ...dashboard.panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ expr, legendFormat }) => ({
        where: `${dashboard.uid}, "${panel.title}"`,
        expr,
        labelsNamed: named(legendFormat),
      })),
    ),
    ...dashboard.annotations.list.map(({ name, titleFormat, target }) => ({
      where: `${dashboard.uid}, events "${name}"`,
      expr: target.expr,
      labelsNamed: named(titleFormat),
    })),
    ...dashboard.templating.list.flatMap(({ name, query }) => {
      const [, expr, label] =
        /^label_values\((.*), (\w+)\)$/.exec((query as { query?: string }).query ?? '') ?? [];
      return expr === undefined || label === undefined
        ? []
        : [{ where: `${dashboard.uid}, variable ${name}`, expr, labelsNamed: [label] }];
    }),
  ]);
}

/** Every expression of every rule. */
export function ruleExpressions(): Source[] {
  return rules().map((rule) => ({
    where: `alerts/${rule.file}, ${rule.alert ?? rule.record}`,
    expr: rule.expr,
    labelsNamed: [...JSON.stringify(rule.annotations ?? {}).matchAll(/\$labels\.(\w+)/g)].map(
      ([, name]) => name ?? '',
    ),
  }));
}

function named(legend: string): string[] {
  return [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name ?? '');
}

function names(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(REPOSITORY, folder))
    .filter((name) => pattern.test(name))
    .sort();
}
