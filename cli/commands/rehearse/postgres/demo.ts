import type { Topology } from '../../../../components/database/topology.ts';
import type { Outcome } from '../../../../sql/postgres.ts';
import { summary } from '../../../../sql/statements.ts';
import { cliError } from '../../../lib/errors.ts';
import type { Scratch } from '../../../lib/machine/scratch.ts';
import { Database } from '../../../lib/postgres/database.ts';
import type { Postgres } from '../../../lib/postgres/postgres.ts';
import type { PhaseName } from '../stage/beat.ts';
import type { Demo, Played } from '../stage/demo.ts';
import { untilReaderIs } from '../stage/reader-moves.ts';
import type { Stage } from '../stage/stage.ts';
import { simulatedNodes } from './simulated-nodes.ts';

const TRY_TO_INSERT = "INSERT INTO search_terms (term, popularity) VALUES ('rehearsal', 1)";
const NODE = 'postgresql';

/** The phases on an embedded PostgreSQL: users, grants and credentials are real, and nodes are what it does not have. */
export class PostgresDemo implements Demo {
  readonly kind = 'postgres';
  readonly versions: Readonly<Record<string, string>>;
  readonly results = { kind: 'postgres', nodes: 1 };
  readonly target = NODE;
  readonly nodes = 1;
  readonly #postgres: Postgres;
  readonly #database: Database;
  readonly #scratch: Scratch;
  #reader = 'app_writer';
  #alive = true;
  #phase: PhaseName = 'phase0';
  /** When it began, a `performance.now()` time. */
  #since = 0;

  private constructor(postgres: Postgres, database: Database, scratch: Scratch, version: string) {
    this.#postgres = postgres;
    this.#database = database;
    this.#scratch = scratch;
    this.versions = { postgres: version };
  }

  /** `postgres` is running. */
  static async create(postgres: Postgres, scratch: Scratch): Promise<PostgresDemo> {
    const database = new Database(postgres, scratch.path('credentials'));
    await database.apply('00-bootstrap.sql');
    await database.setPassword('app_writer');
    for (const connection of ['writer', 'reader'] as const) database.writeUrl(connection, 'app_writer');
    const demo = new PostgresDemo(postgres, database, scratch, await database.version());
    demo.#record();
    return demo;
  }

  urlFile(connection: 'writer' | 'reader'): string {
    return this.#database.urlFile(connection);
  }

  loginEvents(): Promise<number> {
    return this.#database.loginEvents();
  }

  enter(phase: PhaseName, stage: Stage): Promise<Played> {
    this.#phase = phase;
    this.#since = performance.now();
    return {
      phase0: () => this.#phase0(stage),
      phase1: () => this.#phase1(stage),
      phase2: () => this.#phase2(),
    }[phase]();
  }

  /** The bootstrap ran before the app started. */
  async #phase0(stage: Stage): Promise<Played> {
    const replication = played(await this.#database.apply('01-phase0-rf1.sql'));
    await stage.app.startLoad();
    return {
      done: ['sql/00-bootstrap.sql, before the app started', 'The load is on.', ...replication.done],
      skipped: replication.skipped,
    };
  }

  async #phase1(stage: Stage): Promise<Played> {
    const database = this.#database;
    const user = played(await database.apply('10-phase1-reader-user.sql'));
    await database.setPassword('app_reader');
    database.writeUrl('reader', 'app_reader');
    await untilReaderIs('app_reader', stage);
    this.#reader = 'app_reader';
    const proofs = [
      await this.#refused(TRY_TO_INSERT),
      await this.#refused('SET default_transaction_read_only = off', TRY_TO_INSERT),
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

  async #phase2(): Promise<Played> {
    const replication = played(await this.#database.apply('20-phase2-rf3.sql'));
    return {
      ...replication,
      done: [...replication.done, 'Nothing more: a single PostgreSQL has no nodes to add.'],
    };
  }

  async kill(): Promise<void> {
    this.#alive = false;
    await this.#postgres.stop('immediate');
  }

  async revive(): Promise<void> {
    await this.#postgres.start();
    this.#record();
    this.#alive = true;
  }

  /** PostgreSQL itself the app sees; what a cluster would have is simulated, and not while the real database is away. */
  async topology(): Promise<Topology> {
    const nodes = simulatedNodes(this.#phase, performance.now() - this.#since);
    const user = (name: string) => ({ user: name, node: null });
    return {
      at: Date.now(),
      source: 'rehearsal',
      simulated: true,
      nodes: this.#alive ? nodes : nodes.slice(0, 1),
      ranges: null,
      writer: user('app_writer'),
      reader: user(this.#reader),
    };
  }

  #record(): void {
    this.#scratch.record('PostgreSQL', this.#postgres.pid ?? 0, 'SIGQUIT');
  }

  async #refused(...statements: string[]): Promise<string> {
    const answer = await this.#database.refusal('app_reader', ...statements);
    if (answer === null)
      throw cliError('EVO-932', {
        user: 'app_reader',
        problem: `it must not write, but could: ${statements.join('; ')}`,
      });
    return `As app_reader: ${statements.join('; ')}\n${answer}`;
  }
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
