import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault as NetworkFault } from '../support/fault-proxy.ts';
import type { Stage } from './stage.ts';

export interface Fault {
  readonly name: string;
  /**
   * What the app meets between `begin` and `end`: `away`, no statement comes through, so that it cannot be ready; `partly`, some do;
   * `here`, the database is as good as ever, and nothing may fail.
   */
  readonly database: 'away' | 'partly' | 'here';
  begin(stage: Stage): Promise<void>;
  /** Resolves when the cause is gone. */
  end(stage: Stage): Promise<void>;
}

/** Every fault that this machine can have. */
export function faultsOf(stage: Stage): Fault[] {
  return [...NETWORK, ...DATABASE, ...(stage.disk ? [DISK_FULL] : []), ...CREDENTIALS, ...CLOCK];
}

const network = (name: string, database: Fault['database'], fault: NetworkFault): Fault => ({
  name,
  database,
  begin: ({ proxy }) => proxy.set(fault),
  end: ({ proxy }) => proxy.set({ kind: 'none' }),
});

const NETWORK: readonly Fault[] = [
  network('latency', 'partly', { kind: 'latency', ms: 10 }),
  network('loss', 'partly', { kind: 'loss', share: 0.02, ms: 200 }),
  network('stall', 'away', { kind: 'stall' }),
  network('slow drip', 'away', { kind: 'drip', everyMs: 100 }),
  network('reset', 'away', { kind: 'reset' }),
  network('half-open', 'away', { kind: 'half-open' }),
  network('accept and hang', 'away', { kind: 'hang' }),
  network('refused', 'away', { kind: 'refuse' }),
];

const restart = (mode: 'fast' | 'immediate', name: string): Fault => ({
  name,
  database: 'away',
  begin: ({ test }) => test.postgres.stop(mode),
  end: ({ test }) => test.postgres.start(),
});

const APP_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'app_%'";

const DATABASE: readonly Fault[] = [
  restart('fast', 'database restart'),
  restart('immediate', 'database crash'),
  {
    name: 'sessions killed',
    database: 'partly',
    async begin(stage) {
      for (let i = 0; i < 5; i += 1) {
        await stage.admin(APP_SESSIONS);
        await sleep(200);
      }
    },
    end: async () => {},
  },
  {
    name: 'no connection free at the database',
    database: 'away',
    async begin(stage) {
      for (const user of ['app_writer', 'app_reader'])
        await stage.admin(`ALTER ROLE ${user} CONNECTION LIMIT 0`);
      await stage.admin(APP_SESSIONS);
    },
    async end(stage) {
      for (const user of ['app_writer', 'app_reader'])
        await stage.admin(`ALTER ROLE ${user} CONNECTION LIMIT -1`);
    },
  },
  tableLocked(),
];

/** Every statement waits for the lock, and each holds a connection: the app's pools are exhausted. */
function tableLocked(): Fault {
  let unlock: () => Promise<void> = async () => {};
  return {
    name: "the app's pools exhausted",
    database: 'partly',
    async begin({ test }) {
      const holder = await test.postgres.connect('evolution');
      unlock = () => holder.end();
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE login_events, search_terms, witness_writes IN ACCESS EXCLUSIVE MODE');
    },
    end: () => unlock(),
  };
}

const DISK_FULL: Fault = {
  name: 'disk full',
  database: 'partly',
  begin: async ({ disk }) => disk?.fill(),
  end: async ({ disk }) => disk?.free(),
};

const CREDENTIALS: readonly Fault[] = [
  {
    name: 'reader swapped to the other user, and back',
    database: 'here',
    begin: async (stage) => stage.connectAs('reader', 'app_writer'),
    end: async (stage) => stage.connectAs('reader', 'app_reader'),
  },
  {
    name: 'passwords rotated',
    database: 'here',
    async begin(stage) {
      for (const [connection, user] of [
        ['writer', 'app_writer'],
        ['reader', 'app_reader'],
      ] as const) {
        await stage.test.database.setPassword(user);
        stage.connectAs(connection, user);
      }
    },
    end: async () => {},
  },
  {
    name: 'wrong password in the file',
    database: 'here',
    begin: async (stage) => stage.connectAs('writer', 'app_writer', 'not-the-password'),
    end: async (stage) => stage.connectAs('writer', 'app_writer'),
  },
];

const CLOCK: readonly Fault[] = [-3_600_000, 3_600_000].map((offset) => ({
  name: `clock ${offset < 0 ? 'back' : 'forward'} by an hour, and right again`,
  database: 'here',
  begin: async ({ app }) => app.stepClock(offset),
  end: async ({ app }) => app.stepClock(0),
}));
