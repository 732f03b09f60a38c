import { sleep } from '../../../components/database/waiting.ts';
import { cliError } from '../errors.ts';

/** The holder of the lease, as read. */
export interface LeaseNow {
  /** As EVO-205 names it; empty when the lease is free. */
  readonly holder: string;
  /** Changes with every write, also with a renewal. */
  readonly version: string;
}

/** The storage of the lease. A write is refused when another one came first; each call throws when there is no answer. */
export interface LeaseStore {
  /** null when there is none. */
  read(): Promise<LeaseNow | null>;
  /** Its version; null when a lease exists already. */
  create(holder: string): Promise<string | null>;
  /** The new version; null when `version` is not the last one any more. */
  write(holder: string, version: string): Promise<string | null>;
  remove(version: string): Promise<void>;
}

export interface HeldLease {
  /** Whether it was taken over from a holder that ended without releasing it. */
  readonly takenOver: boolean;
  release(): Promise<void>;
}

export interface LeaseOptions {
  /** Whether this holder is known to be gone. */
  readonly isGone: (holder: string) => boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** In ms: the time between two renewals, and the time without one after which the holder counts as gone. */
  readonly renew?: number;
  readonly expire?: number;
}

const LOOK_MS = 1000;

/**
 * Takes the lease, and renews it until it is released. A holder that does not renew it in time, by the clock of this machine, counts as
 * gone. Throws EVO-205 when the holder is alive.
 */
export async function holdLease(
  store: LeaseStore,
  me: string,
  { isGone, say, signal, renew = 5000, expire = 30_000 }: LeaseOptions,
): Promise<HeldLease> {
  let first: { readonly version: string; readonly at: number } | undefined;
  for (;;) {
    const now = await store.read();
    signal.throwIfAborted();
    if (now === null) {
      const version = await store.create(me);
      if (version !== null) return keep(store, me, version, false, renew);
      continue;
    }
    const { holder, version } = now;
    if (first !== undefined && first.version !== version && holder !== '')
      throw cliError('EVO-205', { who: holder });
    const silent = first !== undefined && Date.now() - first.at >= expire;
    if (holder === '' || silent || isGone(holder)) {
      const mine = await store.write(me, version);
      if (mine !== null) return keep(store, me, mine, holder !== '', renew);
      continue;
    }
    if (first === undefined) {
      say(
        `Another step holds the lock: ${holder}. Waiting up to ${expire / 1000} s to see whether it is alive.`,
      );
      first = { version, at: Date.now() };
    }
    await sleep(Math.min(LOOK_MS, renew), signal);
  }
}

function keep(store: LeaseStore, me: string, first: string, takenOver: boolean, renew: number): HeldLease {
  let version: string | null = first;
  let turn: Promise<unknown> = Promise.resolve();
  const renewing = setInterval(() => {
    turn = turn.then(async () => {
      // The API server may answer the next time. A lease that another step has taken stays with it.
      if (version !== null) version = await store.write(me, version).catch(() => version);
    });
  }, renew);
  renewing.unref();
  return {
    takenOver,
    release: async () => {
      clearInterval(renewing);
      await turn;
      // If it cannot be removed, it expires.
      if (version !== null) await store.remove(version).catch(() => {});
    },
  };
}
