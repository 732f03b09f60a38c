import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { App } from '../../lib/cluster/app.ts';
import type { Finding } from '../../lib/cluster/findings.ts';
import { cliError } from '../../lib/errors.ts';
import { askLocal } from '../../lib/machine/loopback.ts';
import { freePortFrom, HOST } from '../../lib/machine/ports.ts';
import type { Target } from '../../lib/phase/settings.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { showFindings } from '../check/show.ts';
import { type Forward, forward } from './forward.ts';
import { linkWithToken, openerOf } from './link.ts';
import { Watch, type WatchOptions } from './watch.ts';

export type PartName = 'page' | 'grafana';

/** All that a stage is set up with. */
export interface Backstage {
  /** Opens a connection to a ready pod of a part. Rejects with why there is none. */
  dial(part: PartName): Promise<Duplex>;
  /** The control token; undefined where there is none. */
  token(): Promise<string | undefined>;
  /** null when it has no pod. */
  app(): Promise<App | null>;
  check(): Promise<readonly Finding[]>;
  /** Opens an address in the browser. Resolves with why it could not, null when it could. */
  open(url: string): Promise<string | null>;
}

export interface StageOptions {
  /** Of this machine. */
  readonly port: number;
  readonly grafanaPort: number;
  readonly open: boolean;
  /** A folder of the user's where a file may lie while the stage is set. */
  readonly folder: string;
  readonly pace?: WatchOptions['pace'];
}

interface Part {
  readonly title: string;
  readonly flag: string;
  readonly port: number;
  /** Answers without a login, and says nothing of the database. */
  readonly health: string;
}

/** Sets the stage, and keeps the ways to it open until the signal is aborted. Throws EVO-821 and EVO-822. */
export async function stage(
  options: StageOptions,
  target: Target,
  backstage: Backstage,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const parts: Partial<Record<PartName, Part>> = {
    page: { title: 'the page', flag: '--port', port: options.port, health: '/healthz' },
    ...(target.observability.includes('grafana')
      ? {
          grafana: {
            title: 'Grafana',
            flag: '--grafana-port',
            port: options.grafanaPort,
            health: '/api/health',
          },
        }
      : {}),
  };
  const ends: (() => void | Promise<void>)[] = [];
  try {
    for (const [name, part] of Object.entries(parts) as [PartName, Part][])
      ends.push(await keepOpen(name, part, options.pace, backstage, terminal, signal));
    const page = `http://${HOST}:${options.port}/`;
    const link = linkWithToken(page, await backstage.token());
    terminal.address('The page, and the control token with it:', link);
    terminal.line(`The page for the last row: ${page}?stage`);
    const grafana = `http://${HOST}:${options.grafanaPort}/d/cockroachdb-evolution`;
    if (parts.grafana !== undefined)
      terminal.line(
        `Grafana: ${grafana} (user admin; pulumi stack output grafanaPassword --show-secrets -s ${target.stack})`,
      );
    await tellPhase(target, backstage, terminal);
    const well = await check(target, backstage, terminal);
    if (options.open) {
      const opener = openerOf(link, options.folder);
      ends.push(opener.remove);
      // The browser has read it by then.
      setTimeout(opener.remove, OPENER_MS).unref();
      for (const url of [opener.url, ...(parts.grafana === undefined ? [] : [grafana])])
        await show(url, backstage, terminal);
    }
    if (well) terminal.good('ready');
    else terminal.bad('not ready: see above');
    terminal.quiet('The port-forwards are kept alive; Ctrl-C ends them.');
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** Opens a port and watches what is behind it. Returns what ends that. Throws EVO-821 and EVO-822. */
async function keepOpen(
  name: PartName,
  part: Part,
  pace: WatchOptions['pace'],
  backstage: Backstage,
  terminal: Terminal,
  over: AbortSignal,
): Promise<() => Promise<void>> {
  let reason = '';
  let opened: Forward;
  try {
    opened = await forward({
      port: part.port,
      dial: () => backstage.dial(name),
      onBroken: (why) => {
        reason = why;
        watch?.suspect();
      },
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw cliError('EVO-821', {
      port: part.port,
      what: part.title,
      problem: code === 'EADDRINUSE' ? 'another program listens on it' : message,
      flag: part.flag,
      other: await freePortFrom(Math.max(part.port + 1, 1024)),
    });
  }
  const ended = new AbortController();
  const signal = AbortSignal.any([over, ended.signal]);
  const ask = async () => {
    reason = '';
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const { status } = await askLocal(`http://${HOST}:${part.port}${part.health}`, {}, limit).catch(
      (error) => {
        // What went wrong behind the port says more than that it was closed.
        throw new Error(reason || (error as Error).message);
      },
    );
    if (status !== 200) throw new Error(`it answers with ${status}`);
  };
  const watch = new Watch({
    name: part.title,
    ask,
    say: { bad: (text) => terminal.bad(text), good: (text) => terminal.good(text) },
    signal,
    ...(pace === undefined ? {} : { pace }),
  });
  const stop = async () => {
    ended.abort();
    await opened.stop();
  };
  try {
    await ask();
  } catch (error) {
    await stop();
    over.throwIfAborted();
    throw cliError('EVO-822', { what: part.title, problem: (error as Error).message });
  }
  void watch.run();
  return stop;
}

const ANSWER_MS = 15_000;
const OPENER_MS = 60_000;

/** The app knows its phase until its pod is another one. Told again, it would begin a new period of its report. */
async function tellPhase({ stack }: Target, backstage: Backstage, terminal: Terminal): Promise<void> {
  const app = await backstage.app();
  if (app === null) throw cliError('EVO-822', { what: 'the page', problem: 'the app has no pod' });
  if ((await app.report()).periods.at(-1)?.phase === stack)
    return terminal.line(`The app knows that this is ${stack}.`);
  await app.mark('phase', stack);
  terminal.line(`The app was told that this is ${stack}.`);
}

async function check(target: Target, backstage: Backstage, terminal: Terminal): Promise<boolean> {
  const found = await backstage.check();
  const well = found.every(({ ok }) => ok);
  if (well) terminal.line(`check: all ${found.length} parts are as ${target.stack} asks for.`);
  else showFindings(terminal, target, found);
  return well;
}

async function show(url: string, backstage: Backstage, terminal: Terminal): Promise<void> {
  const problem = await backstage.open(url);
  if (problem !== null)
    terminal.warning(`No browser could be opened (${problem}): open the links above yourself.`);
}
