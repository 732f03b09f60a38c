import { CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { untilSettled } from '../../components/database/settle.ts';
import { within } from '../../components/database/waiting.ts';
import { copiesOf } from '../../components/database/zones.ts';
import { type Eyes, withCalm } from '../cluster/inspect.ts';
import type { Target } from '../cluster/settings.ts';
import type { Hands } from './drill.ts';
import { type Act, HOLD } from './kinds.ts';

/** Seconds until the cluster must be whole again. */
const WHOLE_SECONDS = 900;
const ANSWER_SECONDS = 15;

/** Hands on the real cluster. Each act is shown, as the command that does the same, when it is done. */
export function hands(target: Target, { kubernetes, database, run }: Eyes): Hands {
  const act =
    (client: Pick<Eyes['kubernetes'], 'kubeconfig' | 'namespace'>, signal: AbortSignal) =>
    async ({ what, command }: Act, pod: string) => {
      run.say(`$ ${command}`);
      const core = client.kubeconfig.makeApiClient(CoreV1Api);
      const { namespace } = client;
      const patch = (finalizers: string[] | null) =>
        core.patchNamespacedPod(
          { name: pod, namespace, body: { metadata: { finalizers } } },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
        );
      const works: Record<Act['what'], () => Promise<unknown>> = {
        hold: () => patch([HOLD]),
        release: () => patch(null),
        delete: () => core.deleteNamespacedPod({ name: pod, namespace }),
        'delete-now': () => core.deleteNamespacedPod({ name: pod, namespace, gracePeriodSeconds: 0 }),
      };
      await within(works[what](), ANSWER_SECONDS, 'the API server', signal);
    };
  let calm: Hands['act'] | undefined;
  return {
    act: (what, pod) => (calm ?? act(kubernetes, run.signal))(what, pod),
    whole: async () => {
      await untilSettled(database, target.nodes, copiesOf(target.replicationFactor), WHOLE_SECONDS, run);
    },
    tidy: (work) =>
      withCalm(
        target,
        async (eyes) => {
          calm = act(eyes.kubernetes, eyes.run.signal);
          await work(await eyes.app());
        },
        run.say,
      ),
  };
}
