import type { LeaseNow, LeaseStore } from './lease.ts';

/** A lease in memory. `quiet`: the holder cannot write it any more, as when its process was killed. */
export function memoryLease(): LeaseStore & { readonly now: LeaseNow | null; quiet(): void } {
  let now: LeaseNow | null = null;
  let count = 0;
  let silenced = '';
  const put = (holder: string) => {
    count += 1;
    now = { holder, version: String(count) };
    return now.version;
  };
  return {
    get now() {
      return now;
    },
    quiet: () => {
      silenced = now?.holder ?? '';
    },
    read: async () => now,
    create: async (holder) => (now === null ? put(holder) : null),
    write: async (holder, version) => (now?.version === version && holder !== silenced ? put(holder) : null),
    remove: async (version) => {
      if (now?.version === version) now = null;
    },
  };
}
