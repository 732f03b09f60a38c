import type { Run } from '../../../../components/database/waiting.ts';
import { withDatabaseErrors } from '../../../lib/errors.ts';
import { freePorts } from '../../../lib/machine/ports.ts';
import type { DemoParts, StartedDemo } from '../stage/setup.ts';
import type { Binary } from './binary.ts';
import { CockroachCluster } from './cluster.ts';
import { CockroachDemo } from './demo.ts';

/** Follower reads look about five seconds back. */
const ALLOWANCE_SECONDS = 15;

/** The first node of CockroachDB, with the app's tables. */
export async function startCockroach(
  binary: Binary,
  target: string | undefined,
  { scratch, cleanup, interrupted, step, say }: DemoParts,
): Promise<StartedDemo> {
  const cluster = await CockroachCluster.create(binary, scratch, interrupted);
  cleanup.add(() => cluster.stop());
  step(`CockroachDB ${binary.version}: certificates are made`);
  const run: Run = { signal: AbortSignal.any([interrupted, cluster.died]), say };
  const demo = new CockroachDemo({ cluster, scratch, target, run, ports: await freePorts(3) });
  cleanup.add(() => demo.close());
  await withDatabaseErrors(run.signal, () => demo.start());
  step(`CockroachDB: cockroach ${cluster.nodes[0]?.command.join(' ')}`);
  return { demo, died: cluster.died, allowanceSeconds: ALLOWANCE_SECONDS };
}
