import { type Backup, hasTables, shown, takeBackup } from '../database/backup.ts';
import type { DatabaseAddress, Kubernetes } from '../database/kubernetes.ts';
import type { Sql } from '../database/sql.ts';
import type { Run } from '../database/waiting.ts';

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
