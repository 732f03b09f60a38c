import type { AppClient, SpikePlan } from './app-client.ts';
import type { Demo } from './demo.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { KillResult } from './kill.ts';

/** What the beats of a rehearsal act on. */
export interface Stage {
  readonly app: AppClient;
  /** Of the page, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly demo: Demo;
  readonly infrastructure: Infrastructure;
  readonly spike: SpikePlan;
  /** The nodes that were killed, so far. */
  readonly kills: KillResult[];
  /** Aborted when the rehearsal is to end, whatever the cause. */
  readonly signal: AbortSignal;
}
