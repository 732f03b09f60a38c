import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { StepReport } from '../../cli/lib/report/step.ts';
import { APP, CONTROL_SECRET } from '../../components/app-manifests.ts';
import { type Ran, runCli } from '../engine/cli.ts';
import { EngineProject } from '../engine/project.ts';
import {
  hasOperator,
  keepLogs,
  kubectl,
  type ownNamespaces,
  type PodNow,
  runningPods,
  secret,
  through,
} from '../support/test-cluster.ts';

const PHASES = ['phase0', 'phase1', 'phase2'] as const;

/** What `evolve --json` prints of itself. */
export interface Outcome {
  readonly preview: { readonly changes: readonly { readonly op: string; readonly urn: string }[] };
  readonly previewLog: string;
  readonly report: StepReport | null;
  readonly files: readonly string[];
}

interface Step {
  readonly stack: string;
  readonly seconds: number;
  readonly report: StepReport | null;
}

/** A project that evolves one cluster from phase to phase, and remembers how each step went. */
export class FlowProject extends EngineProject {
  readonly #namespaces: ReturnType<typeof ownNamespaces>;
  readonly #steps: Step[] = [];

  constructor(namespaces: ReturnType<typeof ownNamespaces>, settings: Readonly<Record<string, string>>) {
    super({ ...namespaces, ...(hasOperator() ? { operatorInstall: 'false' } : {}), ...settings });
    this.#namespaces = namespaces;
  }

  async initPhases(): Promise<void> {
    for (const stack of PHASES) await this.init(stack);
  }

  cli(...args: readonly string[]): Promise<Ran> {
    return runCli(this, args);
  }

  async evolve(stack: string): Promise<Ran & { outcome: Outcome }> {
    const start = Date.now();
    const result = await this.cli('evolve', stack, '--yes', '--json');
    expect(result.code, result.output).toBe(0);
    const outcome = JSON.parse(result.stdout) as Outcome;
    this.#steps.push({ stack, seconds: (Date.now() - start) / 1000, report: outcome.report });
    return { ...result, outcome };
  }

  /** The stack's outputs: the port-forwards that open the app, Prometheus and Grafana. */
  async outputs(stack: string): Promise<{ readonly open: Readonly<Record<string, string>> }> {
    const { output } = await this.pulumi('stack', 'output', '--json', '--stack', stack);
    return JSON.parse(output);
  }

  /** Sends the app a command, as the page does. Returns the HTTP status. */
  async command(name: string, body: object = {}): Promise<number> {
    const { 'control-token': token } = secret(this.#namespaces.appNamespace, CONTROL_SECRET);
    const { open } = await this.outputs(this.#steps.at(-1)?.stack ?? 'phase0');
    return through(open.app ?? '', async (url) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const answer = await fetch(`${url}/commands/${name}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return answer.status;
    });
  }

  /** What the app says of its reader, in its readiness. */
  async readerDetail(stack: string): Promise<string> {
    const { open } = await this.outputs(stack);
    return through(open.app ?? '', async (url) => {
      const { checks } = (await (await fetch(`${url}/readyz`)).json()) as {
        checks: { readOnlyUser: { detail: string } };
      };
      return checks.readOnlyUser.detail;
    });
  }

  /** Runs a script of this folder in the app's pod. Returns the JSON that it prints. */
  runInApp(file: string): unknown {
    const script = readFileSync(join(__dirname, file), 'utf8');
    const pod = ['-n', this.#namespaces.appNamespace, `deployment/${APP}`];
    return JSON.parse(kubectl('exec', ...pod, '--', 'node', '-e', script));
  }

  /** The running pods of all its namespaces. */
  pods(): PodNow[] {
    const { databaseNamespace, appNamespace, observabilityNamespace } = this.#namespaces;
    return runningPods(databaseNamespace, appNamespace, observabilityNamespace);
  }

  /** Lines with what each step took and what users noticed of it. */
  summary(): string[] {
    const lines = this.#steps.flatMap(({ stack, seconds, report }) => {
      const stages = report?.stages.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ');
      const witness = report?.witness;
      return [
        `${stack}: ${seconds.toFixed(0)} s (${stages})`,
        ...(witness
          ? [
              `  ${witness.requests} requests, ${witness.errors} failed; ${witness.writes.sent} writes, ${witness.writes.failed} failed, longest gap ${witness.writes.longestGapMs} ms; ${witness.reads.sent} reads, ${witness.reads.failed} failed, longest gap ${witness.reads.longestGapMs} ms; lost ${witness.lost}`,
            ]
          : []),
      ];
    });
    const total = this.#steps.reduce((sum, { seconds }) => sum + seconds, 0);
    return [...lines, `phase0 to phase2: ${total.toFixed(0)} s`];
  }

  /** Keeps the logs of its pods, and removes its namespaces and files. */
  override remove(): void {
    const namespaces = Object.values(this.#namespaces);
    keepLogs(...namespaces);
    kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...namespaces);
    super.remove();
  }
}
