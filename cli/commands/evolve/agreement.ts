import type { Action, Change, Difference } from '../../lib/compare/compare.ts';
import type { Step } from '../../lib/pulumi/events.ts';
import { nameOf } from '../../lib/pulumi/state.ts';
import type { Preview } from './preview.ts';

/** How the engine's preview of a step differs from the difference by the program alone. */
export interface Disagreement {
  /** What the preview has and the program does not: settings that changed since the last `up`, or changes by hand. */
  readonly beyond: readonly Step[];
  /** What the preview does not have because it is already done, in a step that is resumed. */
  readonly done: readonly Change[];
}

/** Compares by resource and action. The order, which is that of what depends on what, is the engine's business. */
export function disagreement(difference: Difference, { changes }: Preview): Disagreement {
  const told = difference.changes.filter(({ resource }) => !resource.type.startsWith('pulumi:providers:'));
  const key = (urn: string, action: Action) => `${action} ${urn}`;
  const announced = new Set(told.map(({ resource, action }) => key(resource.urn, action)));
  const previewed = new Set(changes.map(({ urn }) => bareUrn(urn)));
  return {
    beyond: changes.filter((step) => !announced.has(key(bareUrn(step.urn), actionOf(step)))),
    done: told.filter(({ resource }) => !previewed.has(resource.urn)),
  };
}

/** Without `urn:pulumi:<stack>::<project>`, as an evaluation of the program has it. */
const bareUrn = (urn: string) => urn.split('::').slice(2).join('::');

function actionOf({ op }: Step): Action {
  if (op === 'create' || op === 'update' || op === 'delete') return op;
  return 'replace';
}

const SIGNS: Readonly<Record<Action, string>> = { create: '+', update: '~', replace: '+-', delete: '-' };

/** One line for a change of the preview, e.g. `~ Secret app-database`. */
export function stepText(step: Step): string {
  return `${SIGNS[actionOf(step)]} ${kindOf(step)} ${nameOf(step.urn)}`;
}

/** How many of each kind, most first, e.g. `12 Secret, 9 Service`. The stack and its components are what these are in. */
export function countsByKind(steps: readonly Step[]): string {
  const counts = new Map<string, number>();
  for (const step of steps.filter(({ type }) => !/^(pulumi|evolution):/.test(type)))
    counts.set(kindOf(step), (counts.get(kindOf(step)) ?? 0) + 1);
  return [...counts]
    .sort(([a, many], [b, few]) => few - many || a.localeCompare(b))
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

const kindOf = ({ type }: Step) => type.split(':').at(-1) ?? type;

/** e.g. `2 to create, 6 to update, 67 unchanged`. */
export function totals({ changes, counts }: Preview): string {
  const actions: readonly Action[] = ['create', 'update', 'replace', 'delete'];
  const parts = actions.flatMap((action) => {
    const count = changes.filter((step) => actionOf(step) === action).length;
    return count === 0 ? [] : [`${count} to ${action}`];
  });
  return [...parts, `${counts.same ?? 0} unchanged`].join(', ');
}

/** Whether every existing resource is kept. */
export const isKept = ({ changes }: Preview) =>
  changes.every((step) => actionOf(step) === 'create' || actionOf(step) === 'update');
