import type { Terminal } from '../../ui/terminal.ts';
import { type Outcome, outcomeTable } from './outcome.ts';
import { SCRIPT } from './script/script.ts';
import { clockText, type ScriptBeat } from './stage/beat.ts';
import type { Played } from './stage/demo.ts';
import { type KillResult, killTable } from './stage/kill.ts';
import type { Stage } from './stage/stage.ts';

/** What is about to happen. `notes`: whether the presenter reads here, too, and not on a page of their own. */
export function showPreview(terminal: Terminal, beat: ScriptBeat, stage: Stage, notes: boolean): void {
  terminal.heading(`${SCRIPT.indexOf(beat) + 1}/${SCRIPT.length} ${beat.title}`);
  if (notes)
    terminal.list(`Presenter's notes, from ${clockText(beat.at)}`, [
      ...beat.say.map((text) => `Say: ${text}`),
      ...beat.lookAt.map((text) => `Look at: ${text}`),
    ]);
  terminal.list('What changes', beat.changes);
  showInfrastructure(terminal, beat, stage);
  terminal.list('The command on a cluster', beat.commands, '$');
  if (beat.plays === 'spike') terminal.list('The same by hand', [spikeByHand(stage)], '$');
}

function spikeByHand({ address, spike }: Stage): string {
  const body = JSON.stringify({ seconds: spike.seconds, rps: spike.rps });
  return `curl ${address}/spike -H 'Content-Type: application/json' -d '${body}'`;
}

/** What the program would change in the cluster; nothing for a beat that changes nothing there. */
export function showInfrastructure(terminal: Terminal, beat: ScriptBeat, stage: Stage): void {
  const lines = stage.infrastructure[beat.begins ?? ''] ?? [];
  terminal.list('What changes in the cluster, computed from the program', lines, ' ');
}

/** What happened, and what did not. */
export function showPlayed(terminal: Terminal, beat: ScriptBeat, stage: Stage, played: Played): void {
  terminal.list('Done here', played.done);
  terminal.list('Only a cluster can show', beat.onlyCluster[stage.demo.kind]);
  terminal.list('Not executed here: only CockroachDB has it', played.skipped);
}

export function showOutcome(terminal: Terminal, outcome: Outcome, kills: readonly KillResult[]): void {
  terminal.heading('Report');
  terminal.line();
  terminal.table(outcomeTable(outcome));
  if (kills.length > 0) {
    terminal.line();
    terminal.table(killTable(kills));
  }
  const { writes, reads, confirmed, lost, unconfirmed } = outcome.witness;
  terminal.line(
    `\nThe witness: ${writes.sent} writes and ${reads.sent} reads, ${writes.failed + reads.failed} failed; ` +
      `${confirmed} acknowledged writes found again, ${unconfirmed} not looked for yet, ${lost} lost.`,
  );
  if (outcome.ok)
    terminal.good(
      kills.length === 0
        ? 'No request failed, and nothing was lost.'
        : 'No request failed in the steps, and nothing was lost, not even when a node was killed.',
    );
  for (const problem of outcome.problems) terminal.bad(problem);
}
