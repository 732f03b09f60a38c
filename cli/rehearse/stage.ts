import type { AppClient, SpikePlan } from './app-client.ts';
import type { Database } from './database.ts';
import type { Infrastructure } from './infrastructure.ts';

/** What the beats of a rehearsal act on. */
export interface Stage {
  readonly app: AppClient;
  /** Of the page, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly database: Database;
  readonly infrastructure: Infrastructure;
  readonly spike: SpikePlan;
  /** Aborted when the rehearsal is to end, whatever the cause. */
  readonly signal: AbortSignal;
}
