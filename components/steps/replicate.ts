import type { DatabaseAddress } from '../database/kubernetes.ts';
import { runScript, type Script } from '../database/script.ts';
import { untilLive, untilSettled } from '../database/settle.ts';
import type { Database } from '../database/sql.ts';
import type { Run } from '../database/waiting.ts';
import { copiesOf, remainingStatements } from '../database/zones.ts';

export interface ReplicationInputs extends Script {
  readonly address: DatabaseAddress;
  readonly replicationFactor: number;
  readonly nodes: number;
}

/** Seconds. Data is copied at 32 MiB/s a store by default, so this is enough for more than 50 GB a node. */
const SETTLE_SECONDS = 1800;
const LIVE_SECONDS = 300;

/** Sets the copies of every zone, and waits until every range has them. Safe to run again, also after a crash in the middle. */
export async function replicate(inputs: Omit<ReplicationInputs, 'address'>, database: Database, run: Run) {
  const copies = copiesOf(inputs.replicationFactor);
  // With a node away, fewer copies could mean that none is left where there is one.
  await untilLive(database, inputs.nodes, LIVE_SECONDS, run);
  await runScript(database, inputs);
  const remaining = async () =>
    remainingStatements(await database.query({ text: 'SHOW ALL ZONE CONFIGURATIONS' }), copies);
  for (const text of await remaining()) {
    run.say(`Another zone names its own factor: ${text}`);
    await database.query({ text });
  }
  const left = await remaining();
  if (left.length > 0)
    throw new Error(`Zones did not take their replication factor; still to do: ${left.join('; ')}`);
  const start = Date.now();
  const { ranges } = await untilSettled(database, inputs.nodes, copies, SETTLE_SECONDS, run);
  const seconds = Math.round((Date.now() - start) / 1000);
  const voting = copies.voters === copies.replicas ? 'all voting' : `${copies.voters} of them voting`;
  const each = copies.replicas === 1 ? 'one copy' : `${copies.replicas} copies, ${voting}`;
  run.say(`All ${ranges} ranges have ${each}, after ${seconds} s.`);
  return { ...inputs, voters: copies.voters, ranges, seconds };
}
