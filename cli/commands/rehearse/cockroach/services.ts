import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Script } from '../../../../components/database/script.ts';
import type { Query, Sql } from '../../../../components/database/sql.ts';
import type { Run } from '../../../../components/database/waiting.ts';
import { DATABASE } from '../../../../components/names.ts';
import { setUp } from '../../../../components/steps/user.ts';
import { Credentials } from '../../../lib/machine/credentials.ts';
import { HOST } from '../../../lib/machine/ports.ts';
import { Balancer, type Target } from './balancer.ts';
import type { CockroachCluster } from './cluster.ts';

export type ServiceName = 'writer' | 'reader';

/**
 * Whom each Service prefers. The reader's nearest node is another than the writer's, so that the two can be told apart; while there is
 * only one node, it serves both.
 */
const ORDER: Readonly<Record<ServiceName, readonly string[]>> = {
  writer: ['n1', 'n2', 'n3'],
  reader: ['n2', 'n3', 'n1'],
};

/** The addresses `crdb-writer` and `crdb-reader`, and the users who sign in there. */
export class Services {
  readonly #cluster: CockroachCluster;
  readonly #balancers: Readonly<Record<ServiceName, Balancer>>;
  readonly #ports: Readonly<Record<ServiceName, number>>;
  readonly #credentials: Credentials;
  readonly #passwords = new Map<string, string>();

  /** The app's credentials files are written to `directory`, which is made. */
  constructor(cluster: CockroachCluster, ports: Readonly<Record<ServiceName, number>>, directory: string) {
    this.#cluster = cluster;
    this.#ports = ports;
    this.#credentials = new Credentials(directory);
    const balancer = (name: ServiceName) => new Balancer(() => this.#targets(ORDER[name]));
    this.#balancers = { writer: balancer('writer'), reader: balancer('reader') };
  }

  async listen(): Promise<void> {
    for (const name of ['writer', 'reader'] as const) await this.#balancers[name].listen(this.#ports[name]);
  }

  close(): void {
    for (const balancer of Object.values(this.#balancers)) balancer.close();
  }

  /** The node that a Service's newest connection leads to. */
  nodeOf(name: ServiceName): string | null {
    return this.#balancers[name].node;
  }

  urlFile(name: ServiceName): string {
    return this.#credentials.file(name);
  }

  /** Runs what makes the user, and gives it a new random password, which only a credentials file will hold. */
  async giveLogin(user: string, script: Script, sql: Sql, run: Run): Promise<void> {
    const password = randomBytes(24).toString('hex');
    await setUp({ ...script, user, password }, sql, run);
    this.#passwords.set(user, password);
  }

  login(user: string): NonNullable<Query['login']> {
    return { user, password: this.#passwords.get(user) ?? '' };
  }

  /** Has the app connect to a Service as this user. */
  handOut(name: ServiceName, user: string): void {
    const ca = encodeURIComponent(join(this.#cluster.certsDir, 'ca.crt'));
    const place = `${HOST}:${this.#ports[name]}/${DATABASE}`;
    const url = `postgresql://${user}:${this.login(user).password}@${place}?sslmode=verify-full&sslrootcert=${ca}`;
    this.#credentials.write(name, url);
  }

  #targets(order: readonly string[]): Target[] {
    const ready = this.#cluster.nodes.filter(({ name }) => this.#cluster.isReady(name));
    return order.flatMap((name) =>
      ready.filter((node) => node.name === name).map(({ ports }) => ({ name, port: ports.sql })),
    );
  }
}
