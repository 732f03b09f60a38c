import { writeFileSync } from 'node:fs';
import type { CoreV1Event } from '@kubernetes/client-node';
import { CLUSTER } from '../components/names.ts';
import { EVOLUTION } from './names.ts';

/** What an event is about. */
export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** The Job that owns this pod; null outside a Job. Its name and UID come from the pod's labels. */
export function thisJob(namespace: string, env: NodeJS.ProcessEnv = process.env): Subject | null {
  const { JOB_NAME: name = '', JOB_UID: uid = '' } = env;
  return name === '' || uid === '' ? null : { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid };
}

export function clusterSubject(namespace: string, uid: string): Subject {
  return {
    apiVersion: 'crdb.cockroachlabs.com/v1alpha1',
    kind: 'CrdbCluster',
    name: CLUSTER,
    namespace,
    uid,
  };
}

/** The longest message that the API server takes. */
const MESSAGE = 1024;

/** An event as `kubectl describe` shows it beside its subject. */
export function eventOf(
  subject: Subject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  now = new Date(),
): CoreV1Event {
  const { namespace } = subject;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${subject.name}.`, namespace },
    involvedObject: { ...subject },
    type,
    reason,
    message: message.slice(0, MESSAGE),
    source: { component: EVOLUTION },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}

/** The file that Kubernetes copies into the pod's status, and its maximum size. */
const TERMINATION = { path: '/dev/termination-log', longest: 4096 };

/** Writes the outcome into the status of the pod. */
export function lastWord(line: string, path = TERMINATION.path): void {
  try {
    writeFileSync(path, `${line}\n`.slice(0, TERMINATION.longest));
  } catch {
    // The file does not exist outside a pod. The line is in the log as well.
  }
}
