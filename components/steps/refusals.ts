import type { DatabaseAddress } from '../database/kubernetes.ts';
import { amountOf } from '../quantity.ts';
import { canonical } from './canonical.ts';

/**
 * Property of a failure that concerns the whole resource. For any other property, the engine prints its value in front of the reason, and the
 * pods' template would fill the screen.
 */
export const WHOLE = '';

/** A reason against a change, as Pulumi takes it: `pulumi.dynamic.CheckFailure`. */
export interface Refusal {
  readonly property: string;
  readonly reason: string;
}

export interface GuardInputs {
  /**
   * Where the cluster is.
   * @example { context: '', namespace: 'crdb' }
   */
  readonly address: DatabaseAddress;
  /**
   * Number of CockroachDB nodes. It only ever grows.
   * @example 3
   */
  readonly nodes: number;
  /**
   * Number of copies of each range. It only ever grows.
   * @example 3
   */
  readonly replicationFactor: number;
  /**
   * The inputs of the database pods, by name: a change of any value restarts them.
   * @example podTemplateInputs(cluster)
   */
  readonly podTemplate: Readonly<Record<string, unknown>>;
  /**
   * Whether a change may restart the database pods.
   * @example false
   */
  readonly allowPodRestart: boolean;
  /**
   * Storage class of the disks; empty for the Kubernetes cluster's default class.
   * @example 'gp3'
   */
  readonly storageClass: string;
  /**
   * Size of each node's disk.
   * @example '10Gi'
   */
  readonly storageSize: string;
}

/** Reasons against a change from `olds`, this stack's last inputs, to `news`. No cluster is asked. */
export function refusals(olds: Partial<GuardInputs>, news: GuardInputs): Refusal[] {
  const failures: Refusal[] = [];
  if (news.nodes < (olds.nodes ?? 0))
    failures.push({
      property: WHOLE,
      reason: `the cluster only ever grows, and it has ${olds.nodes} nodes: a node that is taken away must first be decommissioned by hand, and until then every range that lies on it may lose its quorum. To end the demo instead, see "Tear down" in the README`,
    });
  if (news.replicationFactor < (olds.replicationFactor ?? 0))
    failures.push({
      property: WHOLE,
      reason: `the replication factor only ever grows, and it is ${olds.replicationFactor}: with fewer copies, a failure that was survived until now loses data`,
    });
  if (olds.storageClass !== undefined && news.storageClass !== olds.storageClass)
    failures.push({
      property: WHOLE,
      reason: `the disks are of ${named(olds.storageClass)}, and what was made cannot become ${named(news.storageClass)}: set it back. To move, back up, tear down, set up again with the other class, and restore`,
    });
  const before = olds.podTemplate;
  const changed = before === undefined ? [] : differences(before, news.podTemplate);
  if (changed.length > 0 && !news.allowPodRestart)
    failures.push({
      property: WHOLE,
      reason: `this change restarts the database pods one by one: ${changed.join('; ')}. ${restartCost(olds)}`,
    });
  return failures;
}

/** The same of the disks by what two stacks ask for; what disks there are is the better judge: see `resizeRefusals`. */
export function diskRefusals(olds: GuardInputs, news: GuardInputs): string[] {
  const [before, after] = [olds.storageSize, news.storageSize];
  if (amountOf(after) < amountOf(before))
    return [`storageSize is ${after}, and was ${before}: a disk never gets smaller`];
  return amountOf(after) > amountOf(before) && !news.allowPodRestart ? [resizeRestarts(olds, after)] : [];
}

/**
 * To enlarge disks, operator v2.18.3 makes the StatefulSet anew, and forgets a variable of the pods in it (COCKROACH_CHANNEL) that its next
 * step puts back: pods that are looked at between the two are replaced. Seen in a cluster, with the only pod.
 */
export function resizeRestarts(olds: Partial<GuardInputs>, size: string): string {
  return `disks of ${size} restart database pods: the operator replaces the StatefulSet for them. ${restartCost(olds)}`;
}

function restartCost({ nodes = 1, replicationFactor = 1 }: Partial<GuardInputs>): string {
  const downtime =
    Math.min(nodes, replicationFactor) < 3
      ? 'With fewer than three voting copies that is downtime: no other node can take over.'
      : 'With three voting copies the cluster serves on, and clients reconnect.';
  return `${downtime} Take it back, or allow it: pulumi config set allowPodRestart true`;
}

/** Each value that differs, by its path, e.g. `resources.limits.cpu: "1" => "2"`. */
export function differences(before: unknown, after: unknown, path = ''): string[] {
  if (canonical(before) === canonical(after)) return [];
  if (!isObject(before) || !isObject(after)) return [`${path}: ${show(before)} => ${show(after)}`];
  const keys = Object.keys({ ...before, ...after });
  return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

const named = (storageClass: string) =>
  storageClass === '' ? 'the default storage class' : `storage class ${storageClass}`;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown) => canonical(value) || 'not set';
