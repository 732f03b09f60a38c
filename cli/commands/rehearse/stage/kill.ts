import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../../../app/src/contract.ts';
import { cliError } from '../../../lib/errors.ts';
import type { Played } from './demo.ts';
import type { Stage } from './stage.ts';

/** A node that was killed, and what the app felt of it, until all was as before. */
export interface KillResult {
  readonly phase: string;
  readonly node: string;
  /** How many there were. */
  readonly nodes: number;
  /** For how long it was away, and from its start until all was as before. */
  readonly awaySeconds: number;
  readonly healedSeconds: number;
  /** The longest time between two successes of the witness, in milliseconds. */
  readonly longestWriteGapMs: number;
  readonly longestReadGapMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly witness: { readonly sent: number; readonly failed: number };
  /** Acknowledged writes that are not there any more. Known to be 0 only once the witness has looked again. */
  readonly lost: number;
}

/** How long it stays away: a restart by hand or by Kubernetes is seldom sooner. */
const AWAY_SECONDS = 5;
/** The app serves again within that time after the database does. Milliseconds. */
const SERVES_MS = 30_000;

/** How the periods of a report are named in which a node was killed. */
export const killLabel = (phase: string, node: string) => `${phase}, ${node} killed`;
export const isKill = (phase: string) => / killed$/.test(phase);

/** Kills the stage's node, and brings it back. The results are a period of their own in the app's report. */
export async function playKill(stage: Stage): Promise<Played> {
  const { app, demo, signal } = stage;
  const phase = (await app.report()).periods.at(-1)?.phase ?? null;
  if (phase === null)
    return { done: ['No phase has begun yet: there is nothing to compare with.'], skipped: [] };
  await app.mark('phase', killLabel(phase, demo.target));
  try {
    const results = await measureKill(phase, stage);
    stage.kills.push(results);
    return { done: killLines(results), skipped: [] };
  } finally {
    // Also when it did not work: what comes then is no part of it.
    if (!signal.aborted) await app.mark('phase', phase);
  }
}

async function measureKill(phase: string, stage: Stage): Promise<KillResult> {
  const { app, demo, signal } = stage;
  const { target: node, nodes } = demo;
  const start = Date.now();
  await demo.kill();
  await sleep(AWAY_SECONDS * 1000, undefined, { signal });
  const back = Date.now();
  await demo.revive(stage);
  await untilServed(stage);
  return {
    phase,
    node,
    nodes,
    awaySeconds: tenths(back - start),
    healedSeconds: tenths(Date.now() - back),
    ...measured(await app.report()),
  };
}

/** Waits until the witness writes and reads again. */
async function untilServed({ app, signal }: Stage): Promise<void> {
  const deadline = Date.now() + SERVES_MS;
  const since = Date.now();
  for (;;) {
    const { writes, reads } = (await app.report()).witness;
    // A success since this began: the gap in progress is shorter than that.
    const served = (gap: number) => gap < Date.now() - since;
    if (served(writes.currentGapMs) && served(reads.currentGapMs)) return;
    if (Date.now() > deadline)
      throw cliError('EVO-922', {
        problem: `it does not serve again ${SERVES_MS / 1000} s after the node came back`,
      });
    await sleep(200, undefined, { signal });
  }
}

function measured({ periods }: Report) {
  const period = periods.at(-1);
  if (period === undefined) throw cliError('EVO-922', { problem: 'its report has no period' });
  const { login, search } = period.requests;
  const { writes, reads, lost } = period.witness;
  return {
    longestWriteGapMs: Math.round(writes.longestGapMs),
    longestReadGapMs: Math.round(reads.longestGapMs),
    requests: login.requests + search.requests,
    failed: login.errors + search.errors,
    witness: { sent: writes.sent + reads.sent, failed: writes.failed + reads.failed },
    lost,
  };
}

export function killLines(kill: KillResult): string[] {
  const of = kill.nodes === 1 ? 'the only node' : `one of ${kill.nodes} nodes`;
  return [
    `${kill.node}, ${of}, was killed (SIGKILL), was away for ${kill.awaySeconds} s, and was back to what it was ${kill.healedSeconds} s after its start.`,
    `The witness: the longest gap was ${gap(kill.longestWriteGapMs)} for writes and ${gap(kill.longestReadGapMs)} for reads; ${kill.lost} acknowledged writes lost.`,
    `Of ${kill.requests} requests, ${kill.failed} failed.`,
  ];
}

const gap = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const tenths = (ms: number) => Math.round(ms / 100) / 10;

/** The kills side by side, the heads of the columns first. */
export function killTable(kills: readonly KillResult[]): string[][] {
  return [
    ['killed', 'of nodes', 'away s', 'healed s', 'write gap s', 'read gap s', 'requests', 'failed', 'lost'],
    ...kills.map((kill) => [
      `${kill.phase}: ${kill.node}`,
      String(kill.nodes),
      kill.awaySeconds.toFixed(1),
      kill.healedSeconds.toFixed(1),
      (kill.longestWriteGapMs / 1000).toFixed(1),
      (kill.longestReadGapMs / 1000).toFixed(1),
      String(kill.requests),
      String(kill.failed),
      String(kill.lost),
    ]),
  ];
}
