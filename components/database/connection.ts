import { cancellable } from './cancel.ts';
import { openClient } from './client.ts';
import { connectKubernetes, type DatabaseAddress, type Kubernetes } from './kubernetes.ts';
import { kubernetesAccess } from './kubernetes-access.ts';
import type { openSession } from './session.ts';
import type { Database } from './sql.ts';
import type { Run } from './waiting.ts';

/** Does work with the database, and closes it afterwards. Ends early when this process gets a signal to end. */
export function withDatabase<T>(
  address: DatabaseAddress,
  work: (database: Database, kubernetes: Kubernetes, run: Run) => Promise<T>,
): Promise<T> {
  return cancellable(async (signal) => {
    const run: Run = { signal, say: (line) => console.log(line) };
    const kubernetes = connectKubernetes(address, signal);
    const database = openDatabase(kubernetes, run);
    try {
      return await work(database, kubernetes, run);
    } finally {
      database.close();
    }
  });
}

/** The database behind a port-forward to one of its pods. */
export function openDatabase(
  kubernetes: Kubernetes,
  run: Run,
  open?: typeof openSession,
): Database & { close(): void } {
  return openClient(kubernetesAccess(kubernetes), run, open);
}
