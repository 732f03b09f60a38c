import { CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { untilSettled } from '../../../components/database/settle.ts';
import { waitFor, within } from '../../../components/database/waiting.ts';
import { copiesOf } from '../../../components/database/zones.ts';
import { type ClusterClients, withClusterForCleanup } from '../../lib/cluster/inspect.ts';
import { kubectl, type Target } from '../../lib/phase/settings.ts';
import type { DrillActions } from './drill.ts';
import { type Act, HOLD } from './kinds.ts';

/** Seconds until the cluster must be whole again. */
const WHOLE_SECONDS = 900;
const ANSWER_SECONDS = 15;
const GONE_SECONDS = 120;

/** The actions on a real cluster. Each prints the equivalent kubectl command. */
export function drillActions(target: Target, { kubernetes, database, run }: ClusterClients): DrillActions {
  const act =
    (client: Pick<ClusterClients['kubernetes'], 'kubeconfig' | 'namespace'>, signal: AbortSignal) =>
    async ({ what, command }: Act, pod: string) => {
      run.say(`$ ${command}`);
      const core = client.kubeconfig.makeApiClient(CoreV1Api);
      const { namespace } = client;
      const patch = (finalizers: string[] | null) =>
        core.patchNamespacedPod(
          { name: pod, namespace, body: { metadata: { finalizers } } },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
        );
      /** Of the pod that has the name now; null when none has. */
      const uid = async (): Promise<string | null> => {
        const pods = await within(
          core.listNamespacedPod({ namespace, fieldSelector: `metadata.name=${pod}` }),
          ANSWER_SECONDS,
          'the API server',
          signal,
        );
        return pods.items[0]?.metadata?.uid ?? null;
      };
      const works: Record<Act['what'], () => Promise<unknown>> = {
        hold: () => patch([HOLD]),
        release: () => patch(null),
        delete: () => core.deleteNamespacedPod({ name: pod, namespace }),
        'delete-and-wait': () => core.deleteNamespacedPod({ name: pod, namespace, gracePeriodSeconds: 1 }),
        'delete-now': () => core.deleteNamespacedPod({ name: pod, namespace, gracePeriodSeconds: 0 }),
      };
      const before = what === 'delete-and-wait' ? await uid() : undefined;
      await within(works[what](), ANSWER_SECONDS, 'the API server', signal);
      if (before === undefined) return;
      const look = async () => ((await uid()) === before ? { waiting: `${pod} ends` } : { done: true });
      const next = `Look at: ${kubectl(target, namespace)} describe pod ${pod}`;
      await waitFor(
        look,
        { what: `end of ${pod}`, seconds: GONE_SECONDS, every: 0.5, next },
        { ...run, signal },
      );
    };
  let actForCleanup: DrillActions['act'] | undefined;
  return {
    act: (what, pod) => (actForCleanup ?? act(kubernetes, run.signal))(what, pod),
    whole: async () => {
      await untilSettled(database, target.nodes, copiesOf(target.replicationFactor), WHOLE_SECONDS, run);
    },
    tidy: (work) =>
      withClusterForCleanup(
        target,
        async (clients) => {
          actForCleanup = act(clients.kubernetes, clients.run.signal);
          await work(await clients.app());
        },
        run.say,
      ),
  };
}
