import type { PhaseTotals, Snapshot } from '../src/contract.ts';
import { byId, element, setText } from './common/dom.ts';
import { formatCount, formatMs } from './common/format.ts';
import { word } from './common/words.ts';

export interface Closing {
  readonly title: string;
  readonly sum: string;
  /** Each node that was killed, the first and the last; where none was, each phase that was marked. In the order of the talk. */
  readonly phases: readonly { readonly name: string; readonly gap: string; readonly failed: string }[];
}

type Named = PhaseTotals & { readonly phase: string };

/** Marks of deliberate damage, which are not part of the evolution: a drill, and a node that a rehearsal kills. */
const isDrill = ({ phase }: Named) => /: drill |, .* killed$/.test(phase);
const isKill = ({ phase }: Named) => /: drill (outage|pod-kill|node-loss)$|, .* killed$/.test(phase);

/** The last card of the talk: what the database grew into, and what that cost its users; both node failures side by side. */
export function closingOf({ topology, totals, witness }: Snapshot): Closing {
  const nodes = topology?.nodes.length ?? 0;
  const grown = nodes > 1 ? `One became ${word(nodes)}.` : 'So far';
  const named = totals.phases.filter((phase): phase is Named => phase.phase !== null);
  const drills = named.filter(isDrill);
  const kills = bookends(named.filter(isKill));
  const without = (value: (phase: Named) => number, all: number) =>
    all - drills.reduce((sum, phase) => sum + value(phase), 0);
  const requests = without((phase) => phase.requests, totals.requests);
  const failed = without((phase) => phase.failed, totals.failed);
  const steps = named.filter((phase) => !isDrill(phase));
  const gap = Math.max(0, ...steps.map(({ longestGapMs }) => longestGapMs));
  const sum = `${formatCount(requests)} requests, ${formatCount(failed)} failed, ${formatCount(witness.lost)} writes lost`;
  const name = (phase: Named) => (isDrill(phase) ? killedText(phase, nodes) : phase.phase);
  return {
    title: topology?.simulated && nodes > 1 ? `${grown} (Simulated here.)` : grown,
    sum: kills.length === 0 ? sum : `${sum}, longest gap ${formatMs(gap)}`,
    phases: (kills.length === 0 ? steps : kills).map((phase) => ({
      name: name(phase),
      gap: formatMs(phase.longestGapMs),
      failed: isDrill(phase)
        ? `${formatCount(phase.failed)} of ${formatCount(phase.requests)} failed`
        : `${formatCount(phase.failed)} failed`,
    })),
  };
}

/** How the talk begins and how it ends. */
function bookends(kills: readonly Named[]): Named[] {
  const [first] = kills;
  const last = kills.at(-1);
  return [first, first === last ? undefined : last].flatMap((kill) => kill ?? []);
}

/** Phase 0 has one node; later there are as many as there are now. */
function killedText({ phase }: Named, nodes: number): string {
  const only = nodes < 2 || /^phase0\b/.test(phase);
  return only ? 'The only node killed' : `One of ${word(nodes)} killed`;
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
