import { cliError } from '../../lib/errors.ts';
import { findPackage } from '../../lib/postgres/binaries.ts';
import { Keyboard } from '../../ui/keyboard.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { startPostgres } from './postgres/start.ts';
import type { DatabaseKind } from './stage/demo.ts';
import type { DemoParts, StartedDemo } from './stage/setup.ts';

export interface Choice {
  readonly auto: boolean;
  readonly database: DatabaseKind | undefined;
  readonly killNode: string | undefined;
}

export interface ChosenDatabase {
  /** e.g. `CockroachDB v26.2.5`. */
  readonly title: string;
  readonly startDemo: (parts: DemoParts) => Promise<StartedDemo>;
}

/** The database of the command line, or else of the presenter's choice. Throws a CliError when this machine cannot run it. */
export async function chooseDatabase(
  { auto, database, killNode }: Choice,
  terminal: Terminal,
  signal: AbortSignal,
  input: NodeJS.ReadStream = process.stdin,
): Promise<ChosenDatabase> {
  const mayAsk = !auto && database === undefined && input.isTTY === true;
  if (database === 'cockroach') return cockroach(killNode, terminal);
  if (mayAsk && (await wantsCockroach(terminal, signal, input))) return cockroach(killNode, terminal);
  if (killNode !== undefined) throw cliError('EVO-912', { node: killNode });
  findPackage(process.platform, process.arch);
  return { title: 'PostgreSQL', startDemo: startPostgres };
}

/** Loaded only where it is wanted: it brings the program of the cluster along, which takes a second. */
async function cockroach(target: string | undefined, terminal: Terminal): Promise<ChosenDatabase> {
  const { checkCockroach, findCockroach, versionNote } = await import('./cockroach/binary.ts');
  const binary = await checkCockroach(findCockroach(process.env));
  const note = versionNote(binary);
  if (note !== null) terminal.warning(note);
  terminal.quiet(
    `${binary.path}: CockroachDB ${binary.version}. It needs no licence key for this: without one, a cluster is throttled after 7 days.`,
  );
  const { startCockroach } = await import('./cockroach/start.ts');
  return {
    title: `CockroachDB ${binary.version}`,
    startDemo: (parts) => startCockroach(binary, target, parts),
  };
}

async function wantsCockroach(
  terminal: Terminal,
  signal: AbortSignal,
  input: NodeJS.ReadStream,
): Promise<boolean> {
  const { findCockroach } = await import('./cockroach/binary.ts');
  const path = findCockroach(process.env);
  if (path === null) return false;
  terminal.line(`There is a CockroachDB on this machine (${path}), so the nodes can be real ones.`);
  terminal.quiet('[Enter] an embedded PostgreSQL, at once   [c] CockroachDB: one node to three');
  const keyboard = new Keyboard(input, () => process.kill(process.pid, 'SIGINT'));
  try {
    for (;;) {
      const key = await keyboard.next(signal);
      if (key === 'cockroach') return true;
      if (key === 'quit') process.kill(process.pid, 'SIGINT');
      if (key === 'next' || key === null) return false;
    }
  } finally {
    keyboard.close();
  }
}
