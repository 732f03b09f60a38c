import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { anyFreePort } from '../../cli/lib/machine/ports.ts';
import { CLUSTER } from '../../components/names.ts';
import { hasEngine, KUBECONFIG } from '../engine/project.ts';
import { ROOT } from './repository.ts';

/** What `npm run test:cluster` needs and this machine lacks. */
export const MISSING = [
  ...(hasEngine ? [] : ['the Pulumi CLI on PATH']),
  ...(KUBECONFIG === undefined
    ? ['EVOLUTION_TEST_KUBECONFIG, the kubeconfig of a cluster that it may use']
    : []),
];

/**
 * Settings for every stack of the tests, from EVOLUTION_TEST_SETTINGS (`key=value`, separated by spaces): what the cluster has no
 * room or no image for is made smaller or switched off, as its user would.
 */
export function givenSettings(text = process.env.EVOLUTION_TEST_SETTINGS ?? ''): Record<string, string> {
  const pairs = text.split(/\s+/).filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`EVOLUTION_TEST_SETTINGS: "${pair}" is not of the form key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Namespaces that no earlier run has used: those may still be on their way out. */
export function ownNamespaces(prefix: string) {
  const run = `${prefix}-${Date.now().toString(36).slice(-5)}`;
  return {
    databaseNamespace: `${run}-db`,
    appNamespace: `${run}-app`,
    observabilityNamespace: `${run}-obs`,
  };
}

export function kubectl(...args: string[]): string {
  return execFileSync('kubectl', args, {
    encoding: 'utf8',
    env: { ...process.env, KUBECONFIG },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function applyObject(object: object): void {
  execFileSync('kubectl', ['apply', '-f', '-'], {
    env: { ...process.env, KUBECONFIG },
    input: JSON.stringify(object),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Whether the operator is there already: then the tests use it, and leave it. */
export function hasOperator(): boolean {
  return (
    kubectl('get', 'crd', 'crdbclusters.crdb.cockroachlabs.com', '--ignore-not-found', '-o', 'name') !== ''
  );
}

export interface PodNow {
  readonly name: string;
  readonly uid: string;
  readonly restarts: number;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly status: {
      readonly phase?: string;
      readonly containerStatuses?: readonly { readonly restartCount: number }[];
    };
  }[];
}

/** The pods that run, of these namespaces. */
export function runningPods(...namespaces: readonly string[]): PodNow[] {
  return namespaces
    .flatMap(
      (namespace) => (JSON.parse(kubectl('get', 'pods', '-n', namespace, '-o', 'json')) as PodList).items,
    )
    .filter(({ status }) => status.phase === 'Running')
    .map(({ metadata, status }) => ({
      name: metadata.name,
      uid: metadata.uid,
      restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
    }));
}

/** Expects that a step neither restarted nor replaced a pod, and that the StatefulSet kept its revision, with this many nodes now. */
export function expectOnlyMorePods(
  before: readonly PodNow[],
  now: readonly PodNow[],
  namespace: string,
  nodes: number,
): void {
  for (const pod of before) expect(now).toContainEqual(pod);
  expect(now.map(({ name }) => name)).toContain(`${CLUSTER}-${nodes - 1}`);
  const revisions = kubectl('get', 'controllerrevisions', '-n', namespace, '-o', 'name');
  expect(revisions.trim().split('\n')).toHaveLength(1);
}

/** Keeps what the containers of every pod wrote, in `reports/cluster`: with its namespace, a pod's log is gone. */
export function keepLogs(...namespaces: readonly string[]): void {
  for (const namespace of namespaces) {
    const folder = join(ROOT, 'reports', 'cluster', namespace);
    mkdirSync(folder, { recursive: true });
    const pods = kubectl('get', 'pods', '-n', namespace, '-o', 'name').trim().split('\n').filter(Boolean);
    writeFileSync(join(folder, 'objects.txt'), kubectl('get', 'pods,jobs,events', '-n', namespace));
    for (const pod of pods) {
      const log = spawnSync(
        'kubectl',
        ['logs', pod, '-n', namespace, '--all-containers', '--prefix', '--tail=5000'],
        {
          env: { ...process.env, KUBECONFIG },
          encoding: 'utf8',
          maxBuffer: 64 * 1024 * 1024,
        },
      );
      writeFileSync(join(folder, `${pod.replace(/^pod\//, '')}.log`), log.stdout + log.stderr);
    }
  }
}

/** Of the Secret, each key's text. */
export function secret(namespace: string, name: string): Record<string, string> {
  const { data } = JSON.parse(kubectl('get', 'secret', '-n', namespace, name, '-o', 'json')) as {
    data: Record<string, string>;
  };
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

/** Runs a port-forward as the stack's output gives it, on a free port of this machine, for as long as `use` takes. */
export async function through<T>(command: string, use: (url: string) => Promise<T>): Promise<T> {
  const port = await anyFreePort();
  const [program = '', ...args] = command.replace(/ \d+:(\S+)$/, ` ${port}:$1`).split(' ');
  const child = spawn(program, args, {
    env: { ...process.env, KUBECONFIG },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  try {
    for (let waited = 0; !said.includes('Forwarding from'); waited += 50) {
      if (child.exitCode !== null || waited > 20_000) throw new Error(`${command}: ${said}`);
      await delay(50);
    }
    return await use(`http://127.0.0.1:${port}`);
  } finally {
    child.kill();
  }
}
