import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { cliError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import { type EngineEvent, eventFollower, type Step } from '../../lib/pulumi/events.ts';
import { heldByAnother, type Pulumi, problemOf } from '../../lib/pulumi/run.ts';
import { nameOf } from '../../lib/pulumi/state.ts';

/** What a preview means to do. */
export interface Preview {
  /** By operation, `same` included. */
  readonly counts: Readonly<Record<string, number>>;
  /** All but what stays the same. */
  readonly changes: readonly Step[];
}

/** What holds data, identity or addresses: replaced or deleted, it is not what it was. */
const STATEFUL = [
  /:CrdbCluster$/,
  /:(Namespace|PersistentVolumeClaim|PersistentVolume|StatefulSet|Secret|Service|CustomResourceDefinition)$/,
  /^(random|tls):/,
];

/** Operations after which the thing itself is gone. */
const ENDS = ['delete', 'replace', 'create-replacement', 'delete-replaced'];

/** One line for each stateful resource that would be replaced or deleted. */
export function harm(changes: readonly Step[]): string[] {
  const lines = changes
    .filter(({ op, type }) => ENDS.includes(op) && STATEFUL.some((pattern) => pattern.test(type)))
    .map(
      ({ op, urn, type }) =>
        `${op === 'delete' ? 'delete' : 'replace'} ${type.split(':').at(-1)} ${nameOf(urn)}`,
    );
  return [...new Set(lines)];
}

/** What else would be replaced or deleted: said, and not refused. */
export function losses(changes: readonly Step[]): string[] {
  const lines = changes
    .filter(({ op, type }) => ENDS.includes(op) && !STATEFUL.some((pattern) => pattern.test(type)))
    .map(
      ({ op, urn, type }) =>
        `${op === 'delete' ? 'delete' : 'replace'} ${type.split(':').at(-1)} ${nameOf(urn)}`,
    );
  return [...new Set(lines)];
}

/** What the events of a preview add up to. */
export function summarize(events: readonly EngineEvent[]): Preview {
  const steps = new Map<string, Step>();
  // A provider is how resources are reached, and none itself.
  for (const event of events)
    if (event.kind === 'begun' && !event.type.startsWith('pulumi:providers:')) {
      const { op, urn, type } = event;
      // A replacement has several steps; the one that names the harm stays.
      if (!ENDS.includes(steps.get(urn)?.op ?? '')) steps.set(urn, { op, urn, type });
    }
  const counts: Record<string, number> = {};
  for (const { op } of steps.values()) counts[op] = (counts[op] ?? 0) + 1;
  return { counts, changes: [...steps.values()].filter(({ op }) => op !== 'same' && op !== 'read') };
}

/** Errors that the engine told, one line each. */
export function errorsOf(events: readonly EngineEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'message' && event.severity === 'error' && !event.passing ? [reasonOf(event.text)] : [],
  );
}

/** Of a refusal of the Guard the reason alone, without the engine's way to name the resource. */
function reasonOf(text: string): string {
  return text.replace(/^\S+:Guard resource '[^']*' has a problem: /, '');
}

export interface PreviewOptions {
  /** Where all that it writes is kept, without colours. */
  readonly log: string;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** What to type when the preview fails. */
  readonly next: string;
}

/**
 * Runs `pulumi preview --diff`, which a step rests on. Returns what it adds up to, and its text. Throws EVO-501 with what the program or
 * the guard said.
 */
export async function preview(
  pulumi: Pulumi,
  stack: string,
  { log, color, env, next }: PreviewOptions,
): Promise<{ readonly seen: Preview; readonly text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'evolution-preview-'));
  const file = join(folder, 'events');
  const events: EngineEvent[] = [];
  try {
    const result = await pulumi.run(['preview', '--diff', '-s', stack], {
      plumbing: ['--event-log', file, '--color', color ? 'always' : 'never'],
      env,
      interruptible: true,
    });
    makeFolder(dirname(log));
    writeFileSync(log, stripVTControlCharacters(result.stdout + result.stderr), { mode: 0o600 });
    eventFollower(file, (event) => events.push(event))();
    if (result.code !== 0) {
      const problem = [...new Set(errorsOf(events))].join(' ') || problemOf(result);
      throw heldByAnother(result) ?? cliError('EVO-501', { problem, next });
    }
    return { seen: summarize(events), text: result.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
