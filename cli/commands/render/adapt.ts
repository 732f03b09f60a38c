import { MANAGED_BY } from '../../../components/names.ts';
import { initUrl, waitForSchema } from '../../../components/workload.ts';
import { isObject, type Resource, type Value } from '../../lib/program/resources.ts';

type Table = { readonly [key: string]: Value };

/**
 * Each way in which an object of `k8s/` differs from the program's, besides annotations for Pulumi alone. tests/kustomize.test.ts finds
 * any other difference.
 */
export const ADAPTED = {
  manager: {
    what: 'the label app.kubernetes.io/managed-by is kustomize, and not pulumi',
    why: 'each of the two ways sees by it what is not its own; and a server-side apply over an object of the other way is a conflict',
  },
  waves: {
    what: 'the annotation argocd.argoproj.io/sync-wave',
    why: 'Argo CD waits for each wave, and Deployments get ready only after the Job; others ignore it',
  },
  load: {
    what: 'the Job crdb-loadgen-init has an init container that waits for the tables',
    why: 'everything is applied at once, and without it the Job would have failed for good by the time that there is a database',
  },
} as const;

/** The program's object, as it is applied without the program. */
export function adapted(resource: Resource): Resource {
  const inputs = relabelled(resource.inputs) as Table;
  return { ...resource, inputs: waiting(inWave(inputs)) };
}

function relabelled(value: Value): Value {
  if (Array.isArray(value)) return value.map(relabelled);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === MANAGED_BY.label ? MANAGED_BY.kustomize : relabelled(inner),
    ]),
  );
}

export const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';

/** The wave of the evolution's Job; all that it needs is in the one before. */
export const JOB_WAVE = '1';

/** Kinds that get ready only when the Job has done its work; a claim is bound by its first pod. */
const AFTER_THE_JOB = ['Deployment', 'Job', 'PersistentVolumeClaim'];

function inWave(inputs: Table): Table {
  if (!AFTER_THE_JOB.includes(String(inputs.kind))) return inputs;
  const metadata = inputs.metadata as Table;
  const annotations = { ...((metadata.annotations ?? {}) as Table), [SYNC_WAVE]: '2' };
  return { ...inputs, metadata: { ...metadata, annotations } };
}

interface JobSpec {
  readonly template: { readonly spec: { readonly containers: readonly [Table] } };
}

function waiting(inputs: Table): Table {
  if (inputs.kind !== 'Job') return inputs;
  const spec = inputs.spec as unknown as JobSpec;
  const { template } = spec;
  const [{ terminationMessagePolicy: _, ...container }] = template.spec.containers;
  const wait = { ...container, name: 'wait', command: ['/bin/bash', '-c', waitForSchema(initUrl())] };
  const pod = { ...template.spec, initContainers: [wait] };
  return { ...inputs, spec: { ...spec, template: { ...template, spec: pod } } as unknown as Value };
}
