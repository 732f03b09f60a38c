import { cliError } from '../errors.ts';
import type { Target } from './settings.ts';

/** The phase of that name. Throws EVO-103. `command` is what was typed, for the next step. */
export function findPhase(phases: readonly Target[], name: string, command: string): Target {
  const phase = phases.find(({ stack }) => stack === name);
  if (phase !== undefined) return phase;
  const known = phases.map(({ stack }) => stack).join(', ');
  throw cliError('EVO-103', { name, known: known || 'none', command, first: phases[0]?.stack ?? 'phase0' });
}
