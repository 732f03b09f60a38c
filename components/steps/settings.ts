import type { DatabaseAddress } from '../database/kubernetes.ts';
import type { Sql } from '../database/sql.ts';

export interface SettingsInputs {
  readonly address: DatabaseAddress;
  /** Values by the name of the cluster setting. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Sets cluster settings; each value is bound, so that a licence key is in no statement's text. */
export async function applySettings(sql: Sql, settings: SettingsInputs['settings']): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    try {
      await sql.query({ text: `SET CLUSTER SETTING ${name} = $1`, values: [value] });
    } catch (error) {
      throw new Error(`The cluster setting ${name} was refused: ${(error as Error).message}`);
    }
  }
}
