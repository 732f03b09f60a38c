import type { Death } from '../../lib/report/bookends.ts';
import { closing, showCard } from '../../lib/report/closing.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { PHASES } from './beats.ts';
import { isKill, type KillResult } from './stage/kill.ts';
import type { Stage } from './stage/stage.ts';

/** The last card of the talk: what the evolution came to, and the two deaths beside each other. */
export async function showTalkCard(terminal: Terminal, { app, demo, kills }: Stage): Promise<void> {
  const report = await app.report();
  // What was killed on purpose stands beside it, and not in it.
  const periods = report.periods.filter(({ phase }) => !isKill(phase ?? ''));
  const phases = PHASES.map((stack, i) => ({ stack, nodes: demo.kind === 'cockroach' ? i + 1 : 1 }));
  const last = phases.at(-1);
  const evolution =
    last === undefined ? null : closing({ ...report, periods }, phases, last, phases.at(-2)?.stack ?? '');
  showCard({ evolution, deaths: bookendsOf(kills) }, terminal);
}

/** The first death of an only node, and the last of one among several. */
function bookendsOf(kills: readonly KillResult[]): Death[] {
  const both = [kills.find(({ nodes }) => nodes === 1), kills.findLast(({ nodes }) => nodes > 1)];
  return both.flatMap((kill) => (kill === undefined ? [] : [deathOf(kill)]));
}

function deathOf({ nodes, longestWriteGapMs, longestReadGapMs, requests, failed, lost }: KillResult): Death {
  return { nodes, longestGap: Math.max(longestWriteGapMs, longestReadGapMs) / 1000, requests, failed, lost };
}
