import { expect, it } from 'vitest';
import { type Caller, HubError } from '../hub/hub.ts';
import type { Control } from './control.ts';
import { SnapshotHistory } from './history.ts';
import { hubMethods } from './hub-methods.ts';
import { Timeline } from './timeline.ts';

it.each([{ toString: 1 }, null, 7, ['mark'], undefined])(
  'refuses a command whose name is %j, as one that there is not: it is no failure of the app',
  (name) => {
    const names: string[] = [];
    const control = { needsToken: false, command: (asked: string) => names.push(asked) };
    const methods = hubMethods({
      control: control as unknown as Control,
      history: new SnapshotHistory(),
      timeline: new Timeline(() => {}),
    });
    const caller: Caller = { connectionId: 'x', state: new Map(), remoteAddress: undefined };
    expect(() => methods.Command(caller, name, {})).toThrow(HubError);
    expect(names).toEqual([]);
  },
);
