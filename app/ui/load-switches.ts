import type { CommandName, LoadState } from '../src/contract.ts';
import { formatCount } from './common/format.ts';

/** The three things that can be started and stopped beside the spike. */
export const SWITCHES = ['load', 'readers', 'writers'] as const;
export type SwitchName = (typeof SWITCHES)[number];

export interface SwitchState {
  readonly on: 'on' | 'off' | 'partly';
  readonly words: string;
}

export function switchState(name: SwitchName, load: LoadState): SwitchState {
  const { readers, writers, readerRps, writerRps } = load;
  if (name === 'readers') return single(readers, readerRps);
  if (name === 'writers') return single(writers, writerRps);
  if (readers === writers) return single(readers, readerRps + writerRps);
  return { on: 'partly', words: readers ? 'readers only' : 'writers only' };
}

function single(on: boolean, rps: number): SwitchState {
  return on ? { on: 'on', words: `on, ${formatCount(rps)}/s wanted` } : { on: 'off', words: 'off' };
}

/** What a key press does: it stops what runs, and starts what does not run or only in part. */
export function toggleCommand(name: SwitchName, load: LoadState): CommandName {
  return `${switchState(name, load).on === 'on' ? 'stop' : 'start'}-${name}`;
}
