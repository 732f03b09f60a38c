import type * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { labels } from './names.ts';

type PodSpec = k8s.types.input.core.v1.PodSpec;

/**
 * Defaults of all pods here, as Kubernetes' profile "restricted" requires: a user other than root, the runtime's seccomp filter, and no
 * token for the API unless a service account gets one explicitly.
 *
 * `user` also becomes the group of mounted volumes, which is how its processes may read Secrets of mode 0440.
 */
export function podDefaults(user: number) {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  } satisfies Partial<PodSpec>;
}

/** Defaults of all containers here: no privileges to gain, and only mounts to write to. */
export const CONTAINER_DEFAULTS = {
  imagePullPolicy: 'IfNotPresent',
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
} satisfies Partial<k8s.types.input.core.v1.Container>;

/** Readable by the pod's user through the group that `fsGroup` gives the files, and by root. Octal 0440. */
const OWNER_AND_GROUP = 0o440;

/** A volume with the keys of a Secret as files. Mount the directory: single files (subPath) never see a change. */
export function secretVolume(name: string, secretName: pulumi.Input<string>) {
  return { name, secret: { secretName, defaultMode: OWNER_AND_GROUP } };
}

/** A volume with the keys of a ConfigMap as files. */
export function configMapVolume(name: string, configMap: string) {
  return { name, configMap: { name: configMap } };
}

export function readOnly(name: string, mountPath: string) {
  return { name, mountPath, readOnly: true };
}

/** Metadata of an object: name, namespace, and the labels of its part. */
export function metadata(
  name: string,
  component: string,
  namespace: pulumi.Input<string>,
  annotations?: Record<string, string>,
) {
  return { name, namespace, labels: labels(name, component), ...(annotations ? { annotations } : {}) };
}

/** The command that forwards a local port to a Service. An empty `context` is kubectl's current one. */
export function portForward(to: {
  readonly context: string;
  readonly namespace: string;
  readonly service: string;
  readonly local: number;
  readonly port: number;
}): string {
  const context = to.context === '' ? '' : `--context ${to.context} `;
  return `kubectl ${context}-n ${to.namespace} port-forward service/${to.service} ${to.local}:${to.port}`;
}
