import { spawn } from 'node:child_process';
import { CoreV1Api } from '@kubernetes/client-node';
import { findKubeconfig } from '../../../components/database/kubeconfig.ts';
import { connectKubernetes } from '../../../components/database/kubernetes.ts';
import { within } from '../../../components/database/waiting.ts';
import { terminatingOf } from '../../lib/diagnosis/machine.ts';
import type { Stop } from '../../ui/stop.ts';
import { MADE_BY_DEMO } from './plan.ts';

const SECONDS = 15;

/** The context that kubectl uses; undefined when there is none. */
export function currentContext(): string | undefined {
  return findKubeconfig()?.getCurrentContext() || undefined;
}

/** What the demo asks of a cluster that is there already. */
export interface Surroundings {
  /** Whether every node has the label of cli/commands/demo/kind.yaml. */
  readonly madeByDemo: boolean;
  /** Namespaces that are being deleted. */
  readonly terminating: readonly string[];
}

/** Throws when the kubeconfig has no such context, and when the cluster does not answer. */
export async function lookAround(context: string): Promise<Surroundings> {
  const { signal } = new AbortController();
  const { kubeconfig } = connectKubernetes({ context, namespace: 'default' }, signal);
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const ask = <T>(promise: Promise<T>) => within(promise, SECONDS, 'the API server', signal);
  const [nodes, namespaces] = await Promise.all([ask(core.listNode()), ask(core.listNamespace())]);
  const labelled = nodes.items.map((node) => node.metadata?.labels?.[MADE_BY_DEMO] === 'true');
  return {
    madeByDemo: labelled.length > 0 && labelled.every(Boolean),
    terminating: terminatingOf(namespaces.items),
  };
}

/** Runs a command in the terminal of the user, to its end. What it ended with: 0, or what is wrong. */
export function runHere(
  file: string,
  args: readonly string[],
  directory: string,
  stop: Stop,
): Promise<{ readonly code: number; readonly problem: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, [...args], { cwd: directory, stdio: 'inherit' });
    // In a terminal Ctrl-C reaches the command by itself; a signal that was sent to this process alone does not.
    const interrupt = () => child.kill('SIGINT');
    if (!process.stdin.isTTY) stop.interrupts.add(interrupt);
    child.once('error', (error) => resolve({ code: 127, problem: error.message }));
    child.once('close', (code, signal) => {
      stop.interrupts.delete(interrupt);
      resolve({ code: code ?? 1, problem: signal === null ? `exit code ${code}` : `signal ${signal}` });
    });
  });
}
