import { labels, MANAGED_BY } from '../../../components/names.ts';
import { CONTAINER_DEFAULTS, podDefaults, readOnly } from '../../../components/pod.ts';
import { EVOLUTION, EXIT, FILES, jobName, SETTINGS_SECRET, SHARED } from '../../../jobs/names.ts';
import { JOB_WAVE, SYNC_WAVE } from './adapt.ts';

/** The user of the image: app/Dockerfile. */
const USER = 1000;

/** Tries of a step that something else keeps from its end, such as a node that is away; with pauses of 10 s to 6 min between them. */
const RETRIES = 6;

/**
 * Seconds that a finished Job stays. An apply changes no Job that is there; once it is gone, the same apply runs the step again, which
 * finds nothing to do, resumes, or refuses.
 */
const STAYS = 600;

export const jobLabels = (): Record<string, string> => ({
  ...labels(EVOLUTION, EVOLUTION),
  [MANAGED_BY.label]: MANAGED_BY.kustomize,
});

/** The Job that takes the step to a phase. */
export function stepJob({ stack, namespace, image }: { stack: string; namespace: string; image: string }) {
  const own = (path: string) => ({
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['batch.kubernetes.io/${path}']` } },
  });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(stack),
      namespace,
      labels: jobLabels(),
      annotations: { [SYNC_WAVE]: JOB_WAVE },
    },
    spec: {
      backoffLimit: RETRIES,
      ttlSecondsAfterFinished: STAYS,
      // Never two at a time.
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          // What is refused will be refused again: no retry, and its reason is the last thing to be seen.
          {
            action: 'FailJob',
            onExitCodes: { containerName: 'step', operator: 'In', values: [EXIT.refused] },
          },
          // A machine that is drained is no failure of the step.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels: jobLabels() },
        spec: {
          ...podDefaults(USER),
          automountServiceAccountToken: true,
          serviceAccountName: EVOLUTION,
          // Each try has its own pod, and the log of each is kept.
          restartPolicy: 'Never',
          containers: [
            {
              ...CONTAINER_DEFAULTS,
              name: 'step',
              image,
              env: [
                { name: 'JOB_NAME', ...own('job-name') },
                { name: 'JOB_UID', ...own('controller-uid') },
              ],
              resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
              volumeMounts: [readOnly('plan', FILES.plan), readOnly('settings', FILES.settings)],
            },
          ],
          volumes: [
            {
              name: 'plan',
              projected: { sources: [SHARED, jobName(stack)].map((name) => ({ configMap: { name } })) },
            },
            // Nobody needs it for a demo.
            { name: 'settings', secret: { secretName: SETTINGS_SECRET, optional: true, defaultMode: 0o440 } },
          ],
        },
      },
    },
  };
}

/** The image of the Job, beside that of the app in its registry: `a/b/sample-app:1` makes `a/b/evolution-job:<version>`. */
export function jobImage(appImage: string, version: string): string {
  const folder = appImage.slice(0, appImage.lastIndexOf('/') + 1);
  return `${folder}${EVOLUTION}-job:${version}`;
}
