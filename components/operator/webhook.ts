import { type ApiException, CustomObjectsApi } from '@kubernetes/client-node';
import { loadKubeconfig } from '../database/kubeconfig.ts';
import { type Look, type Run, stop, waitFor, within } from '../database/waiting.ts';

// Runs in Pulumi's provider process: plain functions of plain values, which serialise into the state.

export interface WebhookTarget {
  /** Context of the kubeconfig; empty for the current one. */
  readonly context: string;
  /** A namespace that the user may make a CrdbCluster in. Nothing is left there: the attempts are dry runs. */
  readonly namespace: string;
  /** How long to retry, in seconds. */
  readonly timeoutSeconds: number;
}

/** The API server gives a webhook 10 s, so that a longer silence is the connection's. */
const ANSWER_SECONDS = 20;

/**
 * Resolves once the operator accepts a new cluster of one node.
 *
 * The operator's pod counts as ready before its webhook answers, and a CrdbCluster that is applied in between fails with "failed calling
 * webhook". So this creates a cluster as a server-side dry run, until that works.
 *
 * @throws immediately if more time does not help, otherwise after `timeoutSeconds`; the error contains the API server's last answer
 */
export async function awaitWebhook(target: WebhookTarget, run: Run): Promise<void> {
  const api = loadKubeconfig(target.context).makeApiClient(CustomObjectsApi);
  await waitFor(
    () => within(tryCluster(api, target.namespace), ANSWER_SECONDS, 'The API server', run.signal),
    {
      what: "answer of the operator's webhook",
      seconds: target.timeoutSeconds,
      every: 1,
      next: 'Look at: kubectl -n cockroach-operator-system get pods,events',
    },
    run,
  );
}

async function tryCluster(api: CustomObjectsApi, namespace: string): Promise<Look<true>> {
  try {
    await api.createNamespacedCustomObject({
      group: 'crdb.cockroachlabs.com',
      version: 'v1alpha1',
      plural: 'crdbclusters',
      namespace,
      dryRun: 'All',
      body: smallestCluster(),
    });
    return { done: true };
  } catch (error) {
    return { waiting: explain(error as Error) };
  }
}

function smallestCluster() {
  return {
    apiVersion: 'crdb.cockroachlabs.com/v1alpha1',
    kind: 'CrdbCluster',
    // A name of the server's choice is never taken.
    metadata: { generateName: 'readiness-check-' },
    spec: {
      nodes: 1,
      cockroachDBVersion: 'v26.2.5',
      dataStore: {
        pvc: {
          spec: {
            accessModes: ['ReadWriteOnce'],
            volumeMode: 'Filesystem',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      },
    },
  };
}

/** The text of an error. Throws if a retry is pointless. */
function explain(error: Error): string {
  const { code, body } = error as ApiException<unknown>;
  if (code === undefined) return error.message;
  const message = `${code}: ${said(body)}`;
  if (/spec\.nodes.*greater than or equal to/.test(message)) {
    throw stop(
      `The operator's definition of CrdbCluster does not allow fewer than 3 nodes, which phases 0 and 1 have (${message}). Set operatorInstall to true, or lower the minimum of spec.nodes in the manifest that you install it with.`,
    );
  }
  // The request or the user is refused. Everything else (no definition yet, no webhook yet, too busy) may pass.
  if ([400, 401, 403, 422].includes(code)) throw stop(`The API server refuses a new CrdbCluster: ${message}`);
  return message;
}

/** The message of the Kubernetes Status object in an error's body, which is text or parsed already. */
function said(body: unknown): string {
  try {
    const status = typeof body === 'string' ? JSON.parse(body) : body;
    return status?.message ?? String(body);
  } catch {
    return String(body);
  }
}
