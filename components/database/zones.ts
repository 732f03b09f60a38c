import type { Row } from './sql.ts';

/** Copies of each range: `voters` of them vote, the rest follow. */
export interface Copies {
  readonly replicas: number;
  readonly voters: number;
}

/**
 * What a replication factor means. 2 is one voter and one non-voting copy, because CockroachDB refuses two voters (and would be less
 * available with them); every other factor is that many voters. Source: facts of CockroachDB v26.2, 1.3.
 */
export function copiesOf(replicationFactor: number): Copies {
  return { replicas: replicationFactor, voters: replicationFactor === 2 ? 1 : replicationFactor };
}

/** The zones that have their own factor in every new cluster, and the one from which all others inherit. */
const ZONES = ['RANGE default', 'RANGE meta', 'RANGE liveness', 'RANGE system', 'DATABASE system'];

/** The statements that set the copies of every known zone: both fields, because a zone inherits each of them separately. */
export function zoneStatements(copies: Copies): string[] {
  return ZONES.map((zone) => configure(`ALTER ${zone}`, copies));
}

/**
 * The statements for each zone in `SHOW ALL ZONE CONFIGURATIONS` that sets other numbers itself. A zone that sets none inherits them, and
 * is left alone. Throws when a zone cannot be read.
 */
export function remainingStatements(zones: readonly Row[], copies: Copies): string[] {
  const statements: string[] = [];
  for (const { target, raw_config_sql: sql } of zones) {
    // CockroachDB's own spelling of the zone, with the quotes that its names need.
    const [, alter, settings] = /^(ALTER\s.+?)\s+CONFIGURE ZONE\s+USING\s(.*)$/s.exec(sql ?? '') ?? [];
    if (alter === undefined || settings === undefined) {
      // A zone without settings of its own.
      if (sql === null || sql === undefined || /CONFIGURE ZONE USING\s*$|DISCARD/.test(sql)) continue;
      throw new Error(`The zone configuration of ${target} cannot be read: ${sql}`);
    }
    const differs =
      differsFrom(settings, 'num_replicas', copies.replicas) ||
      differsFrom(settings, 'num_voters', copies.voters);
    if (differs) statements.push(configure(alter, copies));
  }
  return statements;
}

function configure(alter: string, { replicas, voters }: Copies): string {
  return `${alter} CONFIGURE ZONE USING num_replicas = ${replicas}, num_voters = ${voters}`;
}

/** Whether the settings contain the field, with another number. */
function differsFrom(settings: string, field: string, wanted: number): boolean {
  const found = new RegExp(`(?:^|[\\s,])${field} = (\\d+)`).exec(settings);
  return found !== null && Number(found[1]) !== wanted;
}
