import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../sql/postgres.ts';
import { summary } from '../../sql/statements.ts';
import { Failure } from './failure.ts';
import type { StartedSpike } from './spikes.ts';
import type { Stage } from './stage.ts';

export interface Played {
  /** What was executed here, in order. */
  readonly done: readonly string[];
  /** Statements that only CockroachDB runs. */
  readonly skipped: readonly string[];
  /** The spike that began with it. */
  readonly spike?: StartedSpike;
}

/** The app looks at its credentials twice a second. */
const MOVE_MS = 10_000;
const TRY_TO_INSERT = "INSERT INTO search_terms (term, popularity) VALUES ('rehearsal', 1)";

/** The bootstrap ran before the app started. */
export async function playPhase0(stage: Stage): Promise<Played> {
  await stage.app.mark('phase', 'phase0');
  const replication = played(await stage.database.apply('01-phase0-rf1.sql'));
  await stage.app.startLoad();
  return {
    done: ['sql/00-bootstrap.sql, before the app started', 'The load is on.', ...replication.done],
    skipped: replication.skipped,
  };
}

export async function playPhase1(stage: Stage): Promise<Played> {
  const { app, database } = stage;
  await app.mark('phase', 'phase1');
  const user = played(await database.apply('10-phase1-reader-user.sql'));
  await database.setPassword('app_reader');
  database.writeUrl('reader', 'app_reader');
  await untilMoved(stage);
  const proofs = [
    await refused(stage, TRY_TO_INSERT),
    await refused(stage, 'SET default_transaction_read_only = off', TRY_TO_INSERT),
  ];
  const replication = played(await database.apply('11-phase1-rf2.sql'));
  return {
    done: [
      ...user.done,
      "app_reader got a random password, and the app's credentials file for reads was replaced.",
      'The app reads as app_reader now. It was not restarted.',
      ...proofs,
      ...replication.done,
    ],
    skipped: [...user.skipped, ...replication.skipped],
  };
}

export async function playPhase2(stage: Stage): Promise<Played> {
  await stage.app.mark('phase', 'phase2');
  const replication = played(await stage.database.apply('20-phase2-rf3.sql'));
  return {
    ...replication,
    done: [...replication.done, 'Nothing more: a single PostgreSQL has no nodes to add.'],
  };
}

function played(outcomes: readonly Outcome[]): Played {
  const line = ({ statement }: Outcome) => `sql/${statement.file}:${statement.line}  ${summary(statement)}`;
  // USE chooses the database; it is no news to anybody.
  const told = outcomes.filter((o) => !o.statement.text.startsWith('USE '));
  return {
    done: told.filter((o) => o.result !== 'skipped').map(line),
    skipped: told.filter((o) => o.result === 'skipped').map(line),
  };
}

async function untilMoved({ database, signal }: Stage): Promise<void> {
  const deadline = Date.now() + MOVE_MS;
  while ((await database.connectionsOf('app_reader')) === 0) {
    if (Date.now() > deadline) {
      throw new Failure(`The app did not take up its new credentials for reads within ${MOVE_MS / 1000} s.`);
    }
    await sleep(100, undefined, { signal });
  }
}

async function refused({ database }: Stage, ...statements: string[]): Promise<string> {
  const answer = await database.refusal('app_reader', ...statements);
  if (answer === null) throw new Failure(`app_reader must not write, and could: ${statements.join('; ')}`);
  return `As app_reader: ${statements.join('; ')}\n${answer}`;
}
