import { disksMissing } from '../../../components/database/disks.ts';
import { copiesOf } from '../../../components/database/zones.ts';
import { USERS } from '../../../components/names.ts';
import { amountOf } from '../../../components/quantity.ts';
import { kubectl, type Target } from '../phase/settings.ts';
import { losses } from '../report/verdict.ts';
import {
  type AppNow,
  type BackupsNow,
  type ClusterNow,
  type DisksNow,
  isSeen,
  type NodesNow,
  type OperatorNow,
  type ReplicationNow,
  type Seen,
} from './types.ts';
import type { Workload } from './workloads.ts';

/** The finding about one part. */
export interface Finding {
  readonly part: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The command that shows or fixes the problem, if there is one. */
  readonly next?: string;
}

/** Whether a cluster is as its phase needs it: one finding for each part, always all parts. */
export function findings(now: ClusterNow, target: Target): Finding[] {
  const database = kubectl(target, target.namespaces.database);
  const app = kubectl(target, target.namespaces.app);
  const found = [
    about('nodes', now.nodes, nodes(target), `${database} get pods`),
    about('operator', now.operator, operator, `${database} describe crdbcluster crdb`),
    about('disks', now.disks, disks(target), `${database} describe pvc`),
    about('replication', now.replication, replication(target), 'npm run status'),
    about('services', now.services, services, `${database} get services,endpointslices`),
    about('users', now.users, users(target), `pulumi up -s ${target.stack}`),
  ];
  if (target.loadEnabled)
    found.push(about('load', now.load, workload, `${database} logs deployment/crdb-loadgen --tail=20`));
  found.push(about('app', now.app, readiness, `${app} logs deployment/sample-app --tail=20`));
  found.push(about('witness', now.app, witness, `${app} logs deployment/sample-app --tail=20`));
  for (const name of target.observability)
    found.push(
      about(
        name,
        isSeen(now.observability) ? (now.observability[name] ?? null) : now.observability,
        workload,
        `${kubectl(target, target.namespaces.observability)} get pods`,
      ),
    );
  found.push(about('backups', now.backups, backups(target), 'npm run backup'));
  return found;
}

type Verdict = Pick<Finding, 'ok' | 'detail'>;

function about<T>(part: string, seen: Seen<T>, judge: (value: T) => Verdict, next: string): Finding {
  const verdict = isSeen(seen) ? judge(seen) : { ok: false, detail: seen.problem };
  return { part, ...verdict, ...(verdict.ok ? {} : { next }) };
}

const nodes =
  (target: Target) =>
  ({ wanted, pods }: NodesNow): Verdict => {
    const problems = pods.flatMap(({ name, ready, sees, problem }) => {
      if (problem !== undefined) return [`${name} does not answer: ${problem}`];
      if (!ready) return [`${name} is not ready for SQL`];
      return sees === pods.length ? [] : [`${name} sees ${sees ?? 'no'} live nodes`];
    });
    if (wanted !== target.nodes)
      problems.unshift(`the cluster is set to ${wanted}, ${target.stack} needs ${target.nodes}`);
    if (pods.length !== wanted) problems.unshift(`${pods.length} of ${wanted} pods are there`);
    return problems.length === 0
      ? { ok: true, detail: `${wanted} of ${wanted} live and ready for SQL` }
      : { ok: false, detail: problems.join('; ') };
  };

/** The operator retries what failed, and does nothing else. A failure that no longer matters stays in its status. */
function operator({ failures, lacking }: OperatorNow): Verdict {
  const problems = [...failures, ...lacking.map((type) => `its condition ${type} is not true`)];
  return problems.length === 0
    ? { ok: true, detail: 'nothing has failed' }
    : { ok: false, detail: problems.join('; ') };
}

const disks =
  (target: Target) =>
  ({ asked, disks: all }: DisksNow): Verdict => {
    const missing = disksMissing(all, target.storageSize);
    const problems = [
      ...(asked === null || amountOf(asked) === amountOf(target.storageSize)
        ? []
        : [`the cluster is set to ${asked}, ${target.stack} needs ${target.storageSize}`]),
      ...(missing === null ? [] : [`${missing}, of ${target.storageSize}`]),
    ];
    return problems.length === 0
      ? { ok: true, detail: `${all.length} of ${target.storageSize}` }
      : { ok: false, detail: problems.join('; ') };
  };

const replication =
  (target: Target) =>
  (now: ReplicationNow): Verdict => {
    const wanted = copiesOf(target.replicationFactor);
    const problems = [
      ...(now.replicas === wanted.replicas && now.voters === wanted.voters
        ? []
        : [`the zones require ${copiesText(now)}, ${target.stack} needs ${copiesText(wanted)}`]),
      ...(now.unavailable > 0 ? [`${now.unavailable} ranges unavailable`] : []),
      ...(now.underReplicated > 0 ? [`${now.underReplicated} under-replicated`] : []),
      ...(now.stuck > 0 ? [`${now.stuck} ranges find no place for a copy`] : []),
      ...(now.otherZones.length > 0
        ? [`other zones require other copies; to fix them: ${now.otherZones.join('; ')}`]
        : []),
      ...(now.off > 0 ? [`${now.off} of ${now.ranges} ranges do not have the required copies`] : []),
    ];
    return problems.length === 0
      ? { ok: true, detail: `${now.ranges} ranges, each with ${copiesText(wanted)}` }
      : { ok: false, detail: problems.join('; ') };
  };

/** e.g. `1 voting and 1 non-voting copy`. */
export function copiesText({ replicas, voters }: { replicas: number; voters: number }): string {
  const followers = replicas - voters;
  const noun = (n: number) => (n === 1 ? 'copy' : 'copies');
  return followers === 0
    ? `${voters} voting ${noun(voters)}`
    : `${voters} voting and ${followers} non-voting ${noun(followers)}`;
}

function services(found: Readonly<Record<string, number | null>>): Verdict {
  const problems = Object.entries(found).flatMap(([name, ready]) =>
    ready === null ? [`${name} does not exist`] : ready === 0 ? [`${name} leads to no ready pod`] : [],
  );
  const text = Object.entries(found).map(
    ([name, ready]) => `${name} leads to ${ready} pod${ready === 1 ? '' : 's'}`,
  );
  return { ok: problems.length === 0, detail: (problems.length === 0 ? text : problems).join('; ') };
}

const users =
  (target: Target) =>
  (names: readonly string[]): Verdict => {
    const wanted = [USERS.writer, ...(target.readerUserEnabled ? [USERS.reader] : [])];
    const missing = wanted.filter((name) => !names.includes(name));
    return missing.length === 0
      ? { ok: true, detail: wanted.join(', ') }
      : { ok: false, detail: `${missing.join(', ')} does not exist` };
  };

function workload(found: Workload | null): Verdict {
  if (found === null) return { ok: false, detail: 'does not exist' };
  const { ready, wanted, restarts } = found;
  const again = restarts === 0 ? '' : `, ${restarts} restart${restarts === 1 ? '' : 's'}`;
  return { ok: wanted > 0 && ready >= wanted, detail: `${ready} of ${wanted} ready${again}` };
}

function readiness({ readiness: { ok, checks } }: AppNow): Verdict {
  const shown = Object.entries(checks).filter(([, check]) => ok || !check.ok);
  return { ok, detail: shown.map(([name, check]) => `${name} ${check.detail}`).join('; ') };
}

/** Every acknowledged write must exist exactly once. A gap in progress is an outage. */
function witness({ witness }: AppNow): Verdict {
  const { writes, reads, confirmed } = witness;
  const gap = Math.max(writes.currentGapMs, reads.currentGapMs);
  const problems = [
    ...losses(witness),
    ...(gap > 5000 ? [`no success for ${(gap / 1000).toFixed(1)} s`] : []),
  ];
  return problems.length === 0
    ? { ok: true, detail: `${confirmed} acknowledged writes found again, 0 lost` }
    : { ok: false, detail: problems.join('; ') };
}

/** Phase 0 may have none yet: each later step takes one before it changes anything. */
const backups =
  (target: Target) =>
  ({ count, latest, destination }: BackupsNow): Verdict => {
    if (latest !== null) return { ok: true, detail: `${count} in ${destination}, newest ${latest}` };
    const needed = target.nodes > 1;
    return {
      ok: !needed,
      detail: `none in ${destination}${needed ? '' : ' yet; the next step takes one first'}`,
    };
  };
