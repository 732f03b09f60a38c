import type { PhaseTotals, Snapshot } from '../src/live/types.ts';
import { byId, element, setText } from './dom.ts';
import { formatCount, formatMs } from './format.ts';
import { word } from './words.ts';

export interface Closing {
  readonly title: string;
  readonly sum: string;
  /** Each phase that was marked, in the order of the talk. */
  readonly phases: readonly { readonly name: string; readonly gap: string; readonly failed: string }[];
}

/** The last card of the talk: what became of the database, and what that cost whom, phase by phase. */
export function closingOf({ topology, totals, witness }: Snapshot): Closing {
  const nodes = topology?.nodes.length ?? 0;
  const grown = nodes > 1 ? `One became ${word(nodes)}.` : 'So far';
  const named = totals.phases.filter(
    (phase): phase is PhaseTotals & { phase: string } => phase.phase !== null,
  );
  return {
    title: topology?.simulated && nodes > 1 ? `${grown} (Simulated here.)` : grown,
    sum: `${formatCount(totals.requests)} requests, ${formatCount(totals.failed)} failed, ${formatCount(witness.lost)} writes lost`,
    phases: named.map(({ phase, longestGapMs, failed }) => ({
      name: phase,
      gap: formatMs(longestGapMs),
      failed: `${formatCount(failed)} failed`,
    })),
  };
}

export interface ClosingCard {
  toggle: () => void;
  update: (snapshot: Snapshot | null) => void;
}

export function setUpClosing(): ClosingCard {
  const dialog = byId<HTMLDialogElement>('closing');
  let shown = '';
  return {
    toggle: () => (dialog.open ? dialog.close() : dialog.showModal()),
    update(snapshot) {
      if (snapshot === null || !dialog.open) return;
      const { title, sum, phases } = closingOf(snapshot);
      setText(byId('closing-title'), title);
      setText(byId('closing-sum'), sum);
      const next = JSON.stringify(phases);
      if (next === shown) return;
      shown = next;
      byId('closing-phases').replaceChildren(
        ...phases.map(({ name, gap, failed }) =>
          element(
            'p',
            {},
            element('span', {}, name),
            element('b', {}, gap),
            element('span', {}, 'longest gap'),
            element('span', {}, failed),
          ),
        ),
      );
    },
  };
}
