import { owners } from '../../lib/pulumi/ownership.ts';
import type { StepReport } from '../../lib/report/step.ts';
import type { Step } from '../../lib/step/begin.ts';
import type { Terminal } from '../../ui/terminal.ts';

/** What the check has found, in one line. */
export function described({ plan, target, states }: Step): string {
  if (plan.kind === 'fresh') return `A fresh start at ${target.stack}: nothing is there yet.`;
  const held = owners(states)
    .map(({ stack }) => stack)
    .join(' and ');
  const where = `The cluster is at ${plan.at.stack}, owned by ${held}`;
  if (plan.kind === 'resume') return `${where}. Going on with ${target.stack}, which was begun.`;
  if (plan.kind === 'again') return `${where}. ${target.stack} again: only what the settings change remains.`;
  return `${where}, and healthy. Next: ${target.stack}.`;
}

/** The figures of a step. */
export function showReport(report: StepReport, terminal: Terminal): void {
  terminal.table([
    ['stage', 'seconds'],
    ...report.stages.map(({ name, seconds }) => [name, seconds.toFixed(1)]),
  ]);
  const { witness } = report;
  if (witness === null) return;
  const row = (name: string, { sent, failed, longestGapMs }: typeof witness.writes) => [
    name,
    String(sent),
    String(failed),
    String(longestGapMs),
  ];
  terminal.line();
  terminal.table([
    ['witness', 'sent', 'failed', 'longest gap, ms'],
    row('writes', witness.writes),
    row('reads', witness.reads),
  ]);
  terminal.line(`${witness.requests} requests of the app, ${witness.errors} failed.`);
  const lost = `Acknowledged writes lost: ${witness.lost}`;
  if (witness.lost === 0) terminal.good(lost);
  else terminal.bad(lost);
}
