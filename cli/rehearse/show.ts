import { type Beat, beatsOn } from './beats.ts';
import type { Played } from './demo.ts';
import { type KillFigures, killTable } from './kill.ts';
import { type Outcome, outcomeTable } from './outcome.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

/** What is about to happen. */
export function showPreview(terminal: Terminal, beat: Beat, stage: Stage): void {
  const beats = beatsOn(stage.demo.kind);
  terminal.heading(`${beats.indexOf(beat) + 1}/${beats.length} ${beat.title}`);
  terminal.list('What changes', beat.changes);
  showInfrastructure(terminal, beat, stage);
  terminal.list(
    beat.begins === undefined ? 'The same by hand' : 'The commands on a cluster',
    beat.commands(stage),
    '$',
  );
}

/** What the program would change in the cluster; nothing for a beat that changes nothing there. */
export function showInfrastructure(terminal: Terminal, beat: Beat, stage: Stage): void {
  const lines = stage.infrastructure[beat.begins ?? ''] ?? [];
  terminal.list('What changes in the cluster, computed from the program', lines, ' ');
}

/** What happened, what did not, and what to say about it. */
export function showPlayed(terminal: Terminal, beat: Beat, stage: Stage, played: Played): void {
  terminal.list('Done here', played.done);
  terminal.list('Only a cluster can show', beat.onlyCluster[stage.demo.kind]);
  terminal.list('Not executed here: only CockroachDB has it', played.skipped);
  terminal.list("Presenter's notes", [
    ...beat.notes.say.map((text) => `Say: ${text}`),
    ...beat.notes.lookAt.map((text) => `Look at: ${text}`),
  ]);
}

export function showOutcome(terminal: Terminal, outcome: Outcome, kills: readonly KillFigures[]): void {
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
        : 'No request failed in the steps, and nothing was lost, in the kills neither.',
    );
  for (const problem of outcome.problems) terminal.bad(problem);
}
