import {
  BatchV1Api,
  CoreV1Api,
  type CoreV1Event,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node';
import { serverMessage } from '../components/database/kubernetes.ts';
import { within } from '../components/database/waiting.ts';
import { FIELD_MANAGER } from './names.ts';
import { type Template, titleOf } from './templates.ts';

/** The identity of an object. */
export interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

export interface ApplyOptions {
  /** Whether to store nothing and return the object as it would be. @default false */
  readonly dryRun?: boolean;
  /** Whether to take over fields that other managers own. @default false */
  readonly force?: boolean;
}

/** An error response of the API server. */
export class ApiError extends Error {
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined) {
    super(message);
    this.code = code;
  }
}

/** The calls to the API server that the Job needs beyond those of `Kubernetes`. Each takes at most 30 s and throws an ApiError. */
export interface Api {
  /** The content of a Secret or ConfigMap as text; null if it does not exist. */
  texts(template: Template): Promise<Record<string, string> | null>;
  /** Server-side apply, as the field manager of the Job. */
  apply<Kind extends Named>(object: Kind, options?: ApplyOptions): Promise<Kind>;
  /** Applies a Secret or ConfigMap with these texts. */
  write(template: Template, texts: Readonly<Record<string, string>>, options?: ApplyOptions): Promise<void>;
  event(event: CoreV1Event): Promise<void>;
  /** Deletes a Job that has ended. Leaves a running Job alone. Returns whether it deleted one. */
  removeEnded(namespace: string, job: string): Promise<boolean>;
}

const ANSWER_SECONDS = 30;

export function connectApi(kubeconfig: KubeConfig, signal: AbortSignal): Api {
  const objects = KubernetesObjectApi.makeApiClient(kubeconfig);
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const batch = kubeconfig.makeApiClient(BatchV1Api);
  const ask = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      return await within(promise, ANSWER_SECONDS, 'the API server', signal);
    } catch (error) {
      signal.throwIfAborted();
      throw apiError(error as Error);
    }
  };
  const orNull = async <T>(promise: Promise<T>): Promise<T | null> => {
    try {
      return await ask(promise);
    } catch (error) {
      if ((error as ApiError).code === 404) return null;
      throw error;
    }
  };
  const apply: Api['apply'] = async (object, { dryRun = false, force = false } = {}) =>
    (await ask(
      objects.patch(
        object as KubernetesObject,
        undefined,
        dryRun ? 'All' : undefined,
        FIELD_MANAGER,
        force,
        PatchStrategy.ServerSideApply,
      ),
    )) as typeof object;
  return {
    texts: async (template) => {
      const { name, namespace } = template.metadata;
      if (template.kind === 'Secret') {
        const secret = await orNull(core.readNamespacedSecret({ name, namespace }));
        return secret && decoded(secret.data ?? {});
      }
      const map = await orNull(core.readNamespacedConfigMap({ name, namespace }));
      return map && (map.data ?? {});
    },
    apply,
    write: async ({ texts: _, ...template }, texts, options) => {
      // In plain text, the API server would not know later who owns the keys.
      const data = template.kind === 'Secret' ? encoded(texts) : texts;
      await apply({ ...template, data }, options);
    },
    event: async (event) => {
      await ask(core.createNamespacedEvent({ namespace: event.metadata.namespace ?? '', body: event }));
    },
    removeEnded: async (namespace, name) => {
      const job = await orNull(batch.readNamespacedJob({ name, namespace }));
      const ended = (job?.status?.conditions ?? []).some(
        ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
      );
      if (!ended) return false;
      return (
        (await orNull(batch.deleteNamespacedJob({ name, namespace, propagationPolicy: 'Background' }))) !==
        null
      );
    },
  };
}

/** Names the object in the message, unless the server did. */
export function about(template: Pick<Template, 'kind' | 'metadata'>, error: unknown): Error {
  return new ApiError(`${titleOf(template)}: ${(error as Error).message}`, (error as ApiError).code);
}

function apiError(error: Error & { code?: unknown; body?: unknown }): ApiError {
  const code = typeof error.code === 'number' ? error.code : undefined;
  return new ApiError(code === undefined ? error.message : serverMessage(error.body), code);
}

const each = (texts: Readonly<Record<string, string>>, change: (text: string) => string) =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
const decoded = (data: Readonly<Record<string, string>>) =>
  each(data, (text) => Buffer.from(text, 'base64').toString('utf8'));
const encoded = (texts: Readonly<Record<string, string>>) =>
  each(texts, (text) => Buffer.from(text).toString('base64'));
