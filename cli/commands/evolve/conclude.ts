import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { withoutSecrets } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import { readPhases } from '../../lib/phase/settings.ts';
import { showCard } from '../../lib/report/closing.ts';
import { harmSeen, markdown, type Stage, type StepReport } from '../../lib/report/step.ts';
import type { Step } from '../../lib/step/begin.ts';
import type { Dependencies } from '../../lib/step/dependencies.ts';
import { askApp, type Observed } from '../../lib/step/witness.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { stepPage } from './page.ts';
import type { Preview } from './preview.ts';
import { showReport } from './show.ts';

/** What is known of a step after it. */
export interface Taken {
  readonly startedAt: Date;
  readonly from: string | null;
  readonly stages: readonly Stage[];
  readonly seen: Preview;
  /** Path of the report's files, without their endings. */
  readonly base: string;
}

const NOBODY: Observed = { witness: null, closing: null, stretch: null };

/** Asks the app for its view of the step, writes the report to files, and shows it. */
export async function conclude(
  { plan, target }: Step,
  { startedAt, from, stages, seen, base }: Taken,
  terminal: Terminal,
  dependencies: Dependencies,
): Promise<{ readonly report: StepReport; readonly files: readonly string[] }> {
  const phases = readPhases(dependencies.directory);
  const { witness, closing, stretch } =
    from === null ? NOBODY : await askApp(target, phases, from, terminal, dependencies);
  const problems = from === null ? [] : witness === null ? ['the witness did not answer'] : harmSeen(witness);
  const report: StepReport = {
    ok: problems.length === 0,
    problems: problems.map(withoutSecrets),
    from,
    to: target.stack,
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    stages,
    changes: seen.counts,
    resumed: plan.kind === 'resume',
    witness,
    closing,
  };
  const files = {
    html: stepPage(report, stretch),
    md: markdown(report),
    json: `${JSON.stringify(report, null, 2)}\n`,
  };
  makeFolder(dirname(base));
  for (const [ending, content] of Object.entries(files)) writeFileSync(`${base}.${ending}`, content);
  showReport(report, terminal);
  terminal.line(`The report: ${base}.html, .md and .json`);
  if (closing !== null) showCard({ evolution: closing, deaths: [] }, terminal);
  return { report, files: Object.keys(files).map((ending) => `${base}.${ending}`) };
}
