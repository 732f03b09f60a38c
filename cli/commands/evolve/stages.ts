import type { Step } from '../../lib/pulumi/events.ts';
import { nameOf } from '../../lib/pulumi/state.ts';
import type { Stage } from '../../lib/report/step.ts';

/** The parts of `up` that an audience waits for, in their order, by the type and name of their resources. */
const PARTS: readonly (readonly [name: string, type: RegExp])[] = [
  ['backup', /evolution:EvolutionBackup /],
  ['nodes', /:CrdbCluster |evolution:NodesLive /],
  ['replication', /evolution:Replication /],
  ['users and grants', /evolution:User /],
  ["the app's credentials", /:Secret app-database$/],
];

/** Measures the parts of an update by its events. */
export class Stages {
  readonly #begun = new Map<string, number>();
  readonly #spans = new Map<string, { start: number; end: number }>();

  begun({ urn }: Step, at = Date.now()): void {
    this.#begun.set(urn, at);
  }

  /** Returns the seconds that the resource took. */
  done({ urn, type }: Step, at = Date.now()): number {
    const start = this.#begun.get(urn) ?? at;
    const part = PARTS.find(([, pattern]) => pattern.test(`${type} ${nameOf(urn)}`))?.[0];
    if (part !== undefined) {
      const span = this.#spans.get(part) ?? { start, end: at };
      this.#spans.set(part, { start: Math.min(span.start, start), end: Math.max(span.end, at) });
    }
    return (at - start) / 1000;
  }

  get list(): Stage[] {
    return PARTS.flatMap(([name]) => {
      const span = this.#spans.get(name);
      return span === undefined ? [] : [{ name, seconds: Math.round((span.end - span.start) / 100) / 10 }];
    });
  }
}

/** Measures from one call to the next. */
export function stopwatch() {
  const stages: Stage[] = [];
  let last = Date.now();
  return Object.assign(
    (name: string) => {
      stages.push({ name, seconds: Math.round((Date.now() - last) / 100) / 10 });
      last = Date.now();
    },
    { stages, skip: () => (last = Date.now()) },
  );
}
