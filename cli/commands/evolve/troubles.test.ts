import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../lib/pulumi/events.ts';
import { Troubles } from './troubles.ts';

const PULL = '[Pod sample-app-1]: containers with unready status: [app][ErrImagePull] no such image';

describe('what the engine says in passing', () => {
  it('is told once, when the resource has taken a while and is not done', () => {
    const troubles = new Troubles();
    const inProgress = new Map([
      ['app', 0],
      ['load', 0],
    ]);
    troubles.said('app', PULL);
    troubles.said('load', 'minimum availability');
    expect(troubles.due(inProgress, 9000)).toEqual([]);
    inProgress.delete('load');
    expect(troubles.due(inProgress, 10_000)).toEqual([{ urn: 'app', text: PULL }]);
    troubles.said('app', PULL);
    expect(troubles.due(inProgress, 20_000)).toEqual([]);
    troubles.said('app', 'Back-off pulling image');
    expect(troubles.due(inProgress, 20_000)).toEqual([{ urn: 'app', text: 'Back-off pulling image' }]);
  });

  it('is not what the engine writes for those who debug it, which has inputs and code in it', () => {
    const debug = {
      diagnosticEvent: { urn: 'u', severity: 'debug', message: 'RegisterResource: password=x' },
    };
    expect(parseEvent(JSON.stringify(debug))).toBeUndefined();
  });

  it('is told apart from what lasts', () => {
    const said = (ephemeral: boolean) =>
      parseEvent(
        JSON.stringify({
          diagnosticEvent: { urn: 'u', severity: 'warning', message: `${PULL}\n`, ephemeral },
        }),
      );
    expect(said(true)).toEqual({ kind: 'message', urn: 'u', severity: 'warning', text: PULL, passing: true });
    expect(said(false)).toEqual({
      kind: 'message',
      urn: 'u',
      severity: 'warning',
      text: PULL,
      passing: false,
    });
  });
});
