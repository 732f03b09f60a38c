import type { DatabaseKind } from './demo.ts';

export type PhaseName = 'phase0' | 'phase1' | 'phase2';

/** Seconds of a beat in which nobody need speak, and where the figure comes from. */
export interface Step {
  readonly what: string;
  readonly seconds: number;
  /** `measured` names the place; `assumed` is a guess that errs to the long side. */
  readonly source: `measured: ${string}` | `assumed: ${string}` | 'set';
}

/** One beat of the talk, as it is told: the script (demo/DEMO.md) and the rehearsal both follow it. */
export interface ScriptBeat {
  /** When it begins, in seconds from the start. */
  readonly at: number;
  readonly title: string;
  /** What the rehearsal plays in it. */
  readonly plays: 'nothing' | 'phase' | 'spike' | 'kill' | 'card';
  /** With a kill: how many nodes there have to be. */
  readonly ofNodes?: number;
  /** The phase that it begins. */
  readonly begins?: PhaseName;
  /** What a presenter types on a cluster, in this order, and presses on the page. */
  readonly commands: readonly string[];
  readonly key?: 's' | 'c';
  /** What the audience is told of it before it happens. */
  readonly changes: readonly string[];
  /** What the presenter says, word for word, and looks at. */
  readonly say: readonly string[];
  readonly lookAt: readonly string[];
  readonly steps: readonly Step[];
  /** What a rehearsal on this database cannot show. */
  readonly onlyCluster: Readonly<Record<DatabaseKind, readonly string[]>>;
}

/** How fast a presenter speaks, in words a minute. */
export const WORDS_A_MINUTE = 130;

/** e.g. `4:15`. */
export function clockText(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  return `${seconds < 0 ? '-' : ''}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
