import { fault } from '../errors.ts';
import type { Target } from './settings.ts';

/** The phase of that name. Throws EVO-103. `verb` is what was typed, for the next step. */
export function findPhase(phases: readonly Target[], name: string, verb: string): Target {
  const phase = phases.find(({ stack }) => stack === name);
  if (phase !== undefined) return phase;
  const known = phases.map(({ stack }) => stack).join(', ');
  throw fault('EVO-103', { name, known: known || 'none', verb, first: phases[0]?.stack ?? 'phase0' });
}
