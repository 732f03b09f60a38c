import type * as pulumi from '@pulumi/pulumi';
import { type Backup, hasTables, shown, takeBackup } from '../database/backup.ts';
import { withDatabase } from '../database/connection.ts';
import type { DatabaseAddress, Kubernetes } from '../database/kubernetes.ts';
import type { Sql } from '../database/sql.ts';
import type { Run } from '../database/waiting.ts';
import type { Provider } from './all.ts';
import { compare, isKnown } from './compare.ts';

export interface EvolutionBackupInputs {
  readonly address: DatabaseAddress;
  readonly destination: string;
  /** @default 'evolution' */
  readonly database?: string;
  readonly passphrase?: string;
  readonly nodes: number;
  readonly replicationFactor: number;
}

/** Result of the backup before a change of the topology. */
export type EvolutionBackupResult = { readonly taken: boolean; readonly reason: string } & Partial<Backup>;

/** Takes a backup if there is something to protect. Throws if no verified backup of it can be taken. */
export async function protect(
  inputs: EvolutionBackupInputs,
  sql: Sql,
  kubernetes: Pick<Kubernetes, 'cluster'>,
  run: Run,
): Promise<EvolutionBackupResult> {
  const nothing = (why: string) => ({
    taken: false,
    reason: `fresh start: ${why}, so there was nothing to protect`,
  });
  const cluster = await kubernetes.cluster();
  if (cluster === null) return nothing('there was no cluster yet');
  const initialized = cluster.status?.conditions?.some(
    (c) => c.type === 'Initialized' && c.status === 'True',
  );
  if (!initialized) return nothing('the cluster had never been initialized');
  if (!(await hasTables(sql, inputs.database))) return nothing('the database had no table yet');
  const backup = await takeBackup(inputs, sql, run).catch((error) => {
    throw new Error(`Nothing was changed, because the state before could not be backed up. ${error.message}`);
  });
  const reason = `before ${inputs.nodes} nodes with replication factor ${inputs.replicationFactor}`;
  run.say(
    `Backup ${backup.path} in ${shown(inputs.destination)}: ${backup.rows} rows of ${backup.tables.length} tables, verified.`,
  );
  return { taken: true, reason, ...backup };
}

const apply = async (inputs: EvolutionBackupInputs) => ({
  outs: {
    ...inputs,
    ...(await withDatabase(inputs.address, (database, kubernetes, run) =>
      protect(inputs, database, kubernetes, run),
    )),
  },
});

/** Deleting the resource keeps the backups. */
export const backupProvider: Provider = {
  async check(_olds, news: EvolutionBackupInputs) {
    const { destination = '', database = 'evolution' } = news;
    const failures: pulumi.dynamic.CheckFailure[] = [];
    if (isKnown(destination) && !/^(nodelocal|s3|gs|azure-blob|external|userfile):\/\/./.test(destination))
      failures.push({
        property: 'destination',
        reason:
          'it must be an address such as nodelocal://1/backups, s3://bucket/path?AUTH=implicit or gs://bucket/path?AUTH=implicit',
      });
    // The name becomes part of statements, where it cannot be a placeholder.
    if (isKnown(database) && !/^[a-z_][a-z0-9_]*$/.test(database))
      failures.push({
        property: 'database',
        reason: `"${database}" is not a plain database name, e.g. evolution`,
      });
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    // A new destination, passphrase or database is tried out at once, not when it is first needed.
    return compare(olds, news, {
      update: ['nodes', 'replicationFactor', 'destination', 'passphrase', 'database'],
    });
  },
  async create(inputs: EvolutionBackupInputs) {
    return { id: 'backup', ...(await apply(inputs)) };
  },
  async update(_id, _olds, news: EvolutionBackupInputs) {
    return apply(news);
  },
};
