import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cliError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import type { Target } from '../../lib/phase/settings.ts';
import { type EngineEvent, eventFollower, type Step } from '../../lib/pulumi/events.ts';
import { heldByAnother, type Pulumi, problemOf } from '../../lib/pulumi/run.ts';
import { nameOf } from '../../lib/pulumi/state.ts';
import type { Stage } from '../../lib/report/step.ts';
import type { Dependencies } from '../../lib/step/dependencies.ts';
import { nodesLine, watchCluster } from '../../lib/step/watch.ts';
import { Progress } from '../../ui/progress.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { errorsOf } from './preview.ts';
import { Stages } from './stages.ts';
import { Troubles } from './troubles.ts';

export interface UpOptions {
  readonly terminal: Terminal;
  readonly out: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string>>;
  /** Where Pulumi's own output is kept. */
  readonly log: string;
  /** The command that resumes the step. */
  readonly command: string;
  /** Called once the backup of the step is taken and verified. */
  readonly onBackup: () => void;
  readonly signal: AbortSignal;
  readonly withCluster: Dependencies['withCluster'];
}

const SILENT = ['same', 'read', 'refresh'];

/** Runs `pulumi up`, and shows what it does and how the cluster is meanwhile. Throws EVO-503. */
export async function up(pulumi: Pulumi, target: Target, options: UpOptions): Promise<Stage[]> {
  const { terminal, out, env, log, command, onBackup, signal, withCluster } = options;
  const folder = mkdtempSync(join(tmpdir(), 'evolution-up-'));
  const file = join(folder, 'events');
  makeFolder(dirname(log));
  const stages = new Stages();
  const events: EngineEvent[] = [];
  const inProgress = new Map<string, number>();
  const troubles = new Troubles();
  const watching = new AbortController();
  let progress: Progress | undefined;
  const onEvent = (event: EngineEvent) => {
    events.push(event);
    if (event.kind === 'message') {
      if (!event.passing) progress?.line(`     ${event.text}`);
      else if (event.severity === 'warning') troubles.said(event.urn, event.text);
      return;
    }
    if (SILENT.includes(event.op) || isFrame(event)) return;
    if (event.kind === 'begun') {
      stages.begun(event);
      inProgress.set(event.urn, Date.now());
      progress?.line(`  ${sign(event)} ${described(event)} ...`);
    } else {
      const seconds = stages.done(event);
      inProgress.delete(event.urn);
      const word = event.kind === 'done' ? 'done' : 'failed';
      progress?.line(`  ${sign(event)} ${described(event)} ${word} (${seconds.toFixed(1)} s)`);
      if (event.kind === 'done' && event.type.endsWith(':EvolutionBackup')) onBackup();
    }
    progress?.stage([...inProgress.keys()].slice(0, 3).map(nameOf).join(', '));
  };
  const follow = eventFollower(file, onEvent);
  const timer = setInterval(() => {
    follow();
    for (const { urn, text } of troubles.due(inProgress)) progress?.line(`     ${nameOf(urn)}: ${text}`);
  }, 200);
  const args = ['up', '--yes', '--skip-preview', '-s', target.stack];
  terminal.line(`$ ${pulumi.text(args, env)}`);
  progress = new Progress(terminal, out);
  signal.addEventListener('abort', () =>
    progress?.line('Stopping gracefully ... To stop at once, press Ctrl-C again after 20 s.'),
  );
  const watched = watchCluster(
    target,
    (nodes) => progress?.cluster(nodesLine(nodes, target.nodes)),
    AbortSignal.any([signal, watching.signal]),
    withCluster,
  );
  try {
    const result = await pulumi.run(args, {
      shown: false,
      plumbing: ['--event-log', file, '--color', 'never'],
      env,
      log,
      interruptible: true,
    });
    follow();
    if (result.code !== 0) {
      signal.throwIfAborted();
      const problem = [...new Set(errorsOf(events))].join(' ') || problemOf(result);
      throw heldByAnother(result) ?? cliError('EVO-503', { problem, command, log });
    }
    return stages.list;
  } finally {
    clearInterval(timer);
    watching.abort();
    progress.end();
    rmSync(folder, { recursive: true, force: true });
    // It closes its own connections; nothing here waits for an inspection that hangs.
    void watched;
  }
}

/** Components, providers and the stack itself: what is in them is what happens. */
const isFrame = ({ type }: Step) => /^(evolution:|pulumi:)/.test(type);
const SIGNS: Readonly<Record<string, string>> = { create: '+', update: '~', delete: '-' };
const sign = ({ op }: Step) => SIGNS[op] ?? '+-';
const described = ({ type, urn }: Step) => `${type.split(':').at(-1)} ${nameOf(urn)}`;
