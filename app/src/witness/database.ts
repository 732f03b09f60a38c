import { randomUUID } from 'node:crypto';
import type { Connection, Statement } from '../database/connection.ts';
import type { WitnessDatabase } from './witness.ts';

const WRITE: Statement = {
  name: 'witness_write',
  text: 'INSERT INTO witness_writes (run_id, seq) VALUES ($1, $2) ON CONFLICT (run_id, seq) DO NOTHING',
};
const READ: Statement = {
  name: 'witness_read',
  text: 'SELECT seq FROM witness_writes WHERE run_id = $1 AND seq = ANY ($2::INT8[])',
};
const REMOVE: Statement = {
  name: 'witness_remove',
  text: 'DELETE FROM witness_writes WHERE run_id = $1 AND seq < $2',
};
// Rows of runs that ended: the table stays bounded however often the app starts.
const REMOVE_OLD_RUNS: Statement = {
  name: 'witness_remove_old_runs',
  text: "DELETE FROM witness_writes WHERE run_id <> $1 AND written_at < now() - INTERVAL '1 day'",
};

export const WITNESS_STATEMENTS = [WRITE, READ, REMOVE, REMOVE_OLD_RUNS];

/** The witness's table `witness_writes`: one row a write, under an id of this run, so that several apps can share it. */
export function witnessDatabase(
  writer: Connection,
  reader: Connection,
): WitnessDatabase & { removeOldRuns(): Promise<void> } {
  const run = randomUUID();
  const read = async (connection: Connection, seqs: readonly number[]) =>
    (await connection.query<{ seq: number }>(READ, [run, seqs])).map((row) => row.seq);
  return {
    write: async (seq) => void (await writer.query(WRITE, [run, seq])),
    readFromReader: (seqs) => read(reader, seqs),
    readFromWriter: (seqs) => read(writer, seqs),
    removeBelow: async (seq) => void (await writer.query(REMOVE, [run, seq])),
    removeOldRuns: async () => void (await writer.query(REMOVE_OLD_RUNS, [run])),
  };
}
