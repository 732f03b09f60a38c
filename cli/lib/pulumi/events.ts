import { follower } from './run.ts';

/** An operation on a resource, as the engine calls it: `same`, `create`, `update`, `replace`, `delete`, ... */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** What the engine tells while it works, as far as it is used here. */
export type EngineEvent =
  | ({ readonly kind: 'begun' | 'done' | 'failed' } & Step)
  | {
      readonly kind: 'message';
      readonly urn: string;
      readonly severity: string;
      readonly text: string;
      /** Whether it only says how things stand at the moment. */
      readonly passing: boolean;
    };

interface Raw {
  readonly resourcePreEvent?: { readonly metadata: Step };
  readonly resOutputsEvent?: { readonly metadata: Step };
  readonly resOpFailedEvent?: { readonly metadata: Step };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly severity: string;
    readonly message: string;
    readonly ephemeral?: boolean;
  };
}

/** One line of the file that `--event-log` writes; undefined for what is of no interest here. */
export function parseEvent(line: string): EngineEvent | undefined {
  const raw = JSON.parse(line) as Raw;
  const step = (kind: 'begun' | 'done' | 'failed', { op, urn, type }: Step) =>
    ({ kind, op, urn, type }) as const;
  if (raw.resourcePreEvent) return step('begun', raw.resourcePreEvent.metadata);
  if (raw.resOutputsEvent) return step('done', raw.resOutputsEvent.metadata);
  if (raw.resOpFailedEvent) return step('failed', raw.resOpFailedEvent.metadata);
  const { diagnosticEvent: said } = raw;
  // For those who debug the engine: inputs and code, all of them.
  if (said === undefined || said.severity === 'debug') return undefined;
  // Colours are marked as `<{%reset%}>`.
  const text = said.message.replace(/<\{%[^%]*%\}>/g, '').trim();
  return {
    kind: 'message',
    urn: said.urn ?? '',
    severity: said.severity,
    text,
    passing: said.ephemeral === true,
  };
}

/** Reads the events that were added to the file since it was last called. */
export function eventFollower(file: string, onEvent: (event: EngineEvent) => void): () => void {
  let part = '';
  return follower(file, (text) => {
    const lines = (part + text).split('\n');
    part = lines.pop() ?? '';
    for (const line of lines) {
      const event = line.trim() === '' ? undefined : parseEvent(line);
      if (event !== undefined) onEvent(event);
    }
  });
}
