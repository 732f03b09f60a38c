import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ruleFiles, rules, ruleTestFiles } from './support/observability.ts';

const FOLDER = join(__dirname, '../alerts');
const alerts = rules().flatMap(({ alert, ...rule }) => (alert === undefined ? [] : [[alert, rule] as const]));

const promtool = (...args: string[]) => spawnSync('promtool', args, { cwd: FOLDER, encoding: 'utf8' });
const found = promtool('--version').status === 0;
if (!found) console.warn('SKIPPED: no promtool (Debian: prometheus), so no alert rule is run.');

interface RuleTest {
  readonly expr: string;
  readonly exp_samples?: readonly { readonly labels: string; readonly value: number }[];
}

/** What promtool's tests expect of expressions, and how often of each alert that it fires, or that it does not. */
const expectations = ruleTestFiles().flatMap((file) =>
  (
    parse(readFileSync(join(FOLDER, file), 'utf8')) as { tests: { promql_expr_test: RuleTest[] }[] }
  ).tests.flatMap(({ promql_expr_test }) => promql_expr_test),
);
const namesAlert = (expr: string, alert: string) => {
  const [, operator, name = ''] = /alertname(=~?)"([^"]+)"/.exec(expr) ?? [];
  return operator === '=~' ? new RegExp(`^(${name})$`).test(alert) : name === alert;
};

describe('the alert rules', () => {
  it.skipIf(!found)('are taken by Prometheus (promtool check rules)', () => {
    const { status, stdout, stderr } = promtool('check', 'rules', ...ruleFiles());
    expect(stdout + stderr).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  it.skipIf(!found)('fire when they should, and only then (promtool test rules)', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', ...ruleTestFiles());
    expect(stdout + stderr).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  it('cover what an operator must hear of', () => {
    expect(alerts.map(([alert]) => alert).sort()).toEqual([
      'CockroachDBBackupFailed',
      'CockroachDBCertificateEndsNow',
      'CockroachDBCertificateEndsSoon',
      'CockroachDBClockOffset',
      'CockroachDBCpuHigh',
      'CockroachDBDiskFillsUp',
      'CockroachDBDiskFull',
      'CockroachDBLiveNodesDropped',
      'CockroachDBMemoryHigh',
      'CockroachDBNoBackup',
      'CockroachDBNodeDown',
      'CockroachDBNodeNotReady',
      'CockroachDBNodeRestarted',
      'CockroachDBSqlErrors',
      'CockroachDBSqlLatencyHigh',
      'CockroachDBUnavailableRanges',
      'CockroachDBUnderReplicatedRanges',
      'SampleAppErrors',
      'ScrapeFails',
      'ScrapeMissing',
      'ScrapeTargetsGone',
      'WitnessDuplicatedWrites',
      'WitnessGap',
      'WitnessLostWrites',
    ]);
  });

  it('are quiet in a planned step about new nodes and missing copies, and about nothing else', () => {
    expect(
      alerts.filter(([, { expr }]) => expr.includes('evolution:step_age_seconds')).map(([alert]) => alert),
    ).toEqual(['CockroachDBNodeDown', 'CockroachDBNodeNotReady', 'CockroachDBUnderReplicatedRanges']);
  });
});

describe.each(alerts)('%s', (alert, rule) => {
  it('says how bad it is, what happened and what to do', () => {
    expect(['critical', 'warning']).toContain(rule.labels?.severity);
    for (const key of ['summary', 'description', 'action'])
      expect(rule.annotations?.[key]).toMatch(/\S{2,} \S/);
  });

  it('gives the source of its threshold in a comment above it', () => {
    const text = readFileSync(join(FOLDER, rule.file), 'utf8');
    const before = text
      .slice(0, text.indexOf(`- alert: ${alert}\n`))
      .trimEnd()
      .split('\n');
    expect(before.at(-1)).toMatch(/^ *# \S/);
  });

  it('has a test that fires it, and one that does not', () => {
    const of = expectations.filter(({ expr }) => namesAlert(expr, alert));
    const fires = ({ exp_samples = [] }: RuleTest) => exp_samples.some(({ value }) => value === 1);
    expect(of.filter(fires)).not.toEqual([]);
    expect(of.filter((test) => !fires(test))).not.toEqual([]);
  });
});
