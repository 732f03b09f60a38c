import { createHash } from 'node:crypto';
import type { Difference } from '../../cli/lib/compare/compare.ts';
import { evaluateAll, type StackOptions } from '../../cli/lib/program/evaluate.ts';
import { type Evaluation, isSecret, type Resource, type Value } from '../../cli/lib/program/resources.ts';

// The program as a whole, for the tests of its phases. Each evaluation is the real index.ts in a process of its own.

/** How long a test may take that evaluates the program. */
export const PATIENCE = 120_000;

type Stack = StackOptions & { readonly stack: string };

/** Evaluates the three phases, and after them any other stacks, in one process. */
export async function evaluatePhases<Others extends readonly Stack[]>(...others: Others) {
  const stacks: Stack[] = [{ stack: 'phase0' }, { stack: 'phase1' }, { stack: 'phase2' }, ...others];
  type Evaluations = readonly [Evaluation, Evaluation, Evaluation, ...{ [I in keyof Others]: Evaluation }];
  return (await evaluateAll(stacks)) as unknown as Evaluations;
}

/**
 * Every change, in order: what happens to which resource, and each property as `old => new`. The line of a statement in its file is not a
 * change.
 */
export function told({ changes, outputs }: Difference) {
  const text = (value: Value | undefined) => {
    if (value === undefined) return '';
    if (isSecret(value)) return '[secret]';
    const whole = JSON.stringify(value);
    // Long enough for the statements of a phase; a dashboard would fill the screen.
    return whole.length < 1000
      ? whole
      : `${whole.slice(0, 80)} ... ${createHash('sha256').update(whole).digest('hex')}`;
  };
  const properties = (list: Difference['outputs']) =>
    Object.fromEntries(
      list
        .filter(({ path }) => path !== 'lines')
        .map(({ path, before, after }) => [path, `${text(before)} => ${text(after)}`]),
    );
  const inputs = ({ lines: _, ...rest }: Resource['inputs']) => rest;
  return [
    ...changes.map(({ action, resource, properties: list }) => [
      `${action} ${resource.name}`,
      action === 'create' ? inputs(resource.inputs) : properties(list),
    ]),
    ['outputs', properties(outputs)],
  ];
}

export function find({ resources }: Evaluation, name: string): Resource {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found;
}

/** The statements that set the replication factor in every zone. */
export const alter = (replicas: number, voters: number) =>
  ['RANGE default', 'RANGE meta', 'RANGE liveness', 'RANGE system', 'DATABASE system'].map(
    (zone) => `ALTER ${zone} CONFIGURE ZONE USING num_replicas = ${replicas}, num_voters = ${voters}`,
  );

/** A changed value, as `told` shows it. */
export const change = (before: unknown, after: unknown) =>
  `${JSON.stringify(before)} => ${JSON.stringify(after)}`;
