import { ApiError } from '../api-error.ts';
import type { History, ServerMethods } from '../contract.ts';
import { type Caller, HubError, type HubMethod } from '../hub/hub.ts';
import type { Control } from './control.ts';
import type { SnapshotHistory } from './history.ts';
import type { Timeline } from './timeline.ts';

/** Wrong tokens that one connection may offer. */
const MOST_WRONG_TOKENS = 5;

export interface HubMethodsOptions {
  readonly control: Control;
  readonly history: SnapshotHistory;
  readonly timeline: Timeline;
}

/** What a page that opens is told first. */
export function historyOf({ control, history, timeline }: HubMethodsOptions, needsToken: boolean): History {
  return {
    columns: history.columns,
    rows: history.rows,
    marks: timeline.marks,
    latest: history.latest,
    needsToken,
    limits: { spikeSeconds: control.limits.maxSeconds, spikeRps: control.limits.maxRps },
  };
}

/** What the page can call. Refusals are errors of the form `code: message`. */
export function hubMethods(options: HubMethodsOptions): Record<keyof ServerMethods, HubMethod> {
  const { control } = options;
  const authorised = (caller: Caller) => !control.needsToken || caller.state.get('authorised') === true;
  return {
    History: (caller): History => historyOf(options, !authorised(caller)),

    Authorize: (caller, token) => {
      const wrong = (caller.state.get('wrongTokens') as number | undefined) ?? 0;
      if (wrong >= MOST_WRONG_TOKENS)
        throw new HubError('too_many_tries: Reload the page to try another token.');
      const right = typeof token === 'string' && control.accepts(token);
      if (right) caller.state.set('authorised', true);
      else caller.state.set('wrongTokens', wrong + 1);
      return right;
    },

    Command: (caller, name, args) => {
      if (!authorised(caller)) throw new HubError('token_required: Commands need the control token.');
      if (typeof name !== 'string')
        throw new HubError('unknown_command: The name of a command must be text.');
      try {
        return control.command(name, args);
      } catch (error) {
        if (error instanceof ApiError) throw new HubError(`${error.code}: ${error.message}`);
        throw error;
      }
    },
  };
}
