import picocolors from 'picocolors';
import type { Resource, Value } from '../program/resources.ts';
import { isObject } from '../program/resources.ts';
import type { Action, Change, Difference } from './compare.ts';
import { leaves } from './properties.ts';
import { changeLines, type Line, newLines, toRun, valueText } from './text.ts';

export interface Style {
  /** @default false */
  readonly color?: boolean;
  /** How many properties of a new resource are shown; the rest are counted. @default 10 */
  readonly newProperties?: number;
}

export const MARKS: Readonly<Record<Action, string>> = {
  create: '+',
  update: '~',
  replace: '+-',
  delete: '-',
};
const DONE: Readonly<Record<Action, string>> = {
  create: 'to create',
  update: 'to update',
  replace: 'to replace',
  delete: 'to delete',
};

/** The colour of each action. */
export const paintOf = (
  color: ReturnType<typeof picocolors.createColors>,
): Readonly<Record<Action, (text: string) => string>> => ({
  create: color.green,
  update: color.yellow,
  replace: color.magenta,
  delete: color.red,
});

/** The difference as an audience reads it: by component, in the order of `up`. */
export function differenceLines(difference: Difference, style: Style = {}): string[] {
  const color = picocolors.createColors(style.color ?? false);
  const paint = paintOf(color);
  const mark = ({ mark: sign, text }: Line) =>
    sign === '+' ? color.green(`+ ${text}`) : sign === '-' ? color.red(`- ${text}`) : text;

  const lines: string[] = [];
  for (const [component, changes] of byComponent(difference.changes)) {
    lines.push('', color.bold(component));
    for (const change of changes) {
      const { action, resource } = change;
      lines.push(
        `  ${paint[action](`${MARKS[action].padEnd(2)} ${resource.name}`)}  ${color.dim(about(resource))}`,
      );
      if (action === 'create') lines.push(...made(resource, style).map((line) => `       ${line}`));
      else
        lines.push(
          ...change.properties
            .filter(isShown)
            .flatMap(changeLines)
            .map((line) => `       ${mark(line)}`),
        );
    }
  }
  if (difference.outputs.length > 0) {
    lines.push('', color.bold('outputs'));
    lines.push(...difference.outputs.flatMap(changeLines).map((line) => `     ${mark(line)}`));
  }
  return [...lines, '', color.bold(summary(difference))];
}

/** The same with one line for each change, for small spaces. Statements are counted, and outputs are left out. */
export function compactLines({ changes }: Difference): string[] {
  return changes.map(
    (change) =>
      `${MARKS[change.action].padEnd(2)} ${change.resource.name}  ${compactText(change, statementsOf(change).length)}`,
  );
}

/** A change in one line. `statements`: how many it runs that are not shown elsewhere. */
export function compactText({ action, resource, properties }: Change, statements: number): string {
  const told = properties.filter(({ path }) => !['lines', 'file', 'statements'].includes(path));
  const details = told.map(
    ({ path, before, after }) =>
      `${path}: ${before === undefined ? '' : `${valueText(before)} => `}${after === undefined ? '(removed)' : valueText(after)}`,
  );
  const what = action === 'create' || details.length === 0 ? [about(resource)] : details;
  const sql = statements === 0 ? [] : [`${statements} statement${statements === 1 ? '' : 's'} to run`];
  return [...what, ...sql].join(', ');
}

/** The SQL that a change runs. */
export function statementsOf({ action, resource, properties }: Change): readonly string[] {
  if (action === 'create') return toRun(undefined, resource.inputs.statements);
  const changed = properties.find(({ path }) => path === 'statements');
  return changed === undefined ? [] : toRun(changed.before, changed.after);
}

/** The counts, e.g. `3 to create, 2 to update, 61 unchanged. Nothing is replaced or deleted.` */
export function summary({ changes, unchanged }: Difference): string {
  const actions: readonly Action[] = ['create', 'update', 'replace', 'delete'];
  const count = (action: Action) => changes.filter((change) => change.action === action).length;
  const counts = actions
    .filter((action) => count(action) > 0)
    .map((action) => `${count(action)} ${DONE[action]}`);
  const kept = count('replace') + count('delete') === 0 ? ' Nothing is replaced or deleted.' : '';
  return `${[...counts, `${unchanged} unchanged`].join(', ')}.${kept}`;
}

function byComponent(changes: readonly Change[]): Map<string, Change[]> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const component = change.resource.path[0] ?? change.resource.name;
    groups.set(component, [...(groups.get(component) ?? []), change]);
  }
  return groups;
}

/** The kind, and where it is in the cluster. */
function about({ type, inputs }: Resource): string {
  const kind = type.split(':').at(-1) ?? type;
  const { name, namespace } = isObject(inputs.metadata) ? inputs.metadata : {};
  if (name === undefined) return kind;
  return `${kind} ${namespace === undefined ? '' : `${String(namespace)}/`}${String(name)}`;
}

/** The line numbers of an SQL file are for error messages, not for an audience. */
function isShown({ path }: { readonly path: string }): boolean {
  return path !== 'lines';
}

/** The properties of a new resource, without those that its heading shows. */
function made({ inputs }: Resource, { newProperties = 10 }: Style): string[] {
  const told = (path: string) =>
    /^(address|apiVersion|kind|metadata\.(name|namespace|labels|annotations))\b/.test(path);
  const all = leaves(inputs as Value).filter((leaf) => leaf.path !== '' && isShown(leaf) && !told(leaf.path));
  const shown = all.slice(0, newProperties).flatMap(({ path, value }) => newLines(path, value));
  const more = all.length - newProperties;
  return more > 0 && newProperties > 0 ? [...shown, `... and ${more} more`] : shown;
}
