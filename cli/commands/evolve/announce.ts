import { briefLines, cut, wrapped } from '../../lib/compare/brief.ts';
import type { Difference } from '../../lib/compare/compare.ts';
import { MARKS } from '../../lib/compare/show.ts';
import { ProgramError } from '../../lib/program/evaluate.ts';
import type { Step } from '../../lib/step/begin.ts';
import type { Dependencies } from '../../lib/step/dependencies.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { countsByKind, disagreement, isKept, stepText, totals } from './agreement.ts';
import { losses, type Preview, preview } from './preview.ts';

export interface AnnounceOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Where the whole preview is kept. */
  readonly log: string;
  readonly color: boolean;
  /** Of the terminal in which somebody reads and answers; undefined when nobody does. */
  readonly screen: { readonly rows: number; readonly columns: number } | undefined;
  /** What to type when the preview fails. */
  readonly next: string;
}

/** Lines of a screen that belong to others: the title, the verdict, the heading of the question and the question. */
const TAKEN = 6;
const COLUMNS = 80;
/** More changes than this are told by their kinds. */
const MOST_LISTED = 15;

/**
 * Says what a step will change, on one screen: what the program alone says of it, as `npm run diff` does, and whether Pulumi's preview of
 * this very state agrees. Both are worked out at a time, so that the first can be read while the second is waited for. Throws EVO-501.
 */
export async function announce(
  step: Step,
  options: AnnounceOptions,
  terminal: Terminal,
  dependencies: Pick<Dependencies, 'difference'>,
): Promise<{ readonly seen: Preview; readonly text: string }> {
  const { pulumi, target, plan } = step;
  const from = plan.kind === 'fresh' ? null : plan.from;
  const compared =
    from === null || from === target.stack ? null : dependencies.difference(from, target.stack);
  const previewed = preview(pulumi, target.stack, options);
  // Whichever fails first is told, and the other one is not lost meanwhile.
  previewed.catch(() => {});
  terminal.quiet(`All that it says is kept in ${options.log}`);
  const difference = await compared?.catch((error: unknown) => {
    if (!(error instanceof ProgramError)) throw error;
    // The preview runs the same program, and says what is wrong with it.
    return null;
  });
  if (difference) {
    terminal.line(`${difference.from} -> ${difference.to}, computed from the program:`);
    for (const line of briefLines(difference, screenOf(options))) terminal.line(line);
  }
  const result = await previewed;
  const { seen } = result;
  if (difference) sayAgreement(difference, seen, options, terminal);
  else sayChanges(seen, plan.kind === 'fresh', options, terminal);
  for (const line of losses(seen.changes)) terminal.warning(`Note: ${line}.`);
  return result;
}

function screenOf({ screen, color }: AnnounceOptions) {
  return {
    rows: screen === undefined ? Number.POSITIVE_INFINITY : Math.max(3, screen.rows - TAKEN),
    columns: screen?.columns ?? COLUMNS,
    color,
  };
}

function sayAgreement(
  difference: Difference,
  seen: Preview,
  options: AnnounceOptions,
  terminal: Terminal,
): void {
  const { beyond, done } = disagreement(difference, seen);
  const { rows, columns } = screenOf(options);
  const say = (text: string) => wrapped(text, columns, 2);
  const list = (lines: readonly string[]) => cut(lines, Math.min(rows, MOST_LISTED)).join(', ');
  if (done.length > 0)
    for (const line of say(`Of these, done already: ${list(done.map(({ resource }) => resource.name))}.`))
      terminal.line(line);
  if (beyond.length > 0)
    for (const line of say(`Beyond these, the preview has: ${list(beyond.map(stepText))}.`))
      terminal.warning(line);
  const agrees = beyond.length === 0 && done.length === 0;
  terminal.line(`${agrees ? 'The preview says the same' : 'The preview'}: ${totals(seen)}.`);
  if (isKept(seen)) terminal.good('Nothing is replaced or deleted.');
}

/** Where there is nothing to compare with: a fresh start, or the same phase again with other settings. */
function sayChanges(seen: Preview, fresh: boolean, options: AnnounceOptions, terminal: Terminal): void {
  const { rows, columns } = screenOf(options);
  const { changes } = seen;
  terminal.line(`The preview: ${totals(seen)}.`);
  if (!fresh && changes.length <= MOST_LISTED)
    for (const line of cut(changes.map(stepText), rows)) terminal.line(line);
  else
    for (const [op, sign] of Object.entries(MARKS)) {
      const kinds = countsByKind(
        changes.filter((change) => (change.op in MARKS ? change.op : 'replace') === op),
      );
      if (kinds !== '') for (const line of wrapped(`${sign} ${kinds}`, columns, 2)) terminal.line(line);
    }
  if (!fresh && changes.length > 0 && isKept(seen)) terminal.good('Nothing is replaced or deleted.');
}
