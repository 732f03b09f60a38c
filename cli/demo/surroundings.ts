import { spawn } from 'node:child_process';
import { CoreV1Api } from '@kubernetes/client-node';
import { findKubeconfig } from '../../components/database/kubeconfig.ts';
import { connectKubernetes } from '../../components/database/kubernetes.ts';
import { within } from '../../components/database/waiting.ts';
import type { Stop } from '../evolve/stop.ts';
import { MADE_BY_DEMO } from './plan.ts';

const SECONDS = 15;

/** The context that kubectl uses; undefined when there is none. */
export function currentContext(): string | undefined {
  return findKubeconfig()?.getCurrentContext() || undefined;
}

/** Whether every node of the cluster has the label of cli/demo/kind.yaml. Throws when the cluster does not answer. */
export async function madeByDemo(context: string): Promise<boolean> {
  const { signal } = new AbortController();
  const { kubeconfig } = connectKubernetes({ context, namespace: 'default' }, signal);
  const list = kubeconfig.makeApiClient(CoreV1Api).listNode();
  const { items } = await within(list, SECONDS, 'the API server', signal);
  return items.length > 0 && items.every((node) => node.metadata?.labels?.[MADE_BY_DEMO] === 'true');
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
