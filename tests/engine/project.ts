import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyProject } from '../support/checkout.ts';

export const PROJECT = 'cockroachdb-live-evolution';

/** The cluster that these tests may use, and empty: they make and remove namespaces in it. */
export const KUBECONFIG = process.env.EVOLUTION_TEST_KUBECONFIG;

export const hasEngine = (() => {
  try {
    execFileSync('pulumi', ['version'], {
      stdio: 'pipe',
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' },
    });
    return true;
  } catch {
    return false;
  }
})();

export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly diffReasons?: string[];
  readonly detailedDiff?: Record<string, { kind: string }> | null;
}

export interface Result {
  readonly code: number | null;
  readonly output: string;
}

/** A copy of the project with a state of its own, so that a test never touches the user's stacks. */
export class EngineProject {
  readonly directory: string;
  readonly #settings: Readonly<Record<string, string>>;

  /** `settings` are set in each stack, on top of its own file: what the test's cluster lacks is switched off, and the like. */
  constructor(settings: Readonly<Record<string, string>>) {
    this.#settings = settings;
    this.directory = mkdtempSync(join(tmpdir(), 'evolution-engine-'));
    copyProject(this.directory);
    mkdirSync(join(this.directory, '.state'), { recursive: true });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Runs `pulumi` to its end. */
  pulumi(...args: string[]): Promise<Result> {
    return new Promise((resolve) => {
      const child = spawn('pulumi', [...args, '--non-interactive'], {
        cwd: this.directory,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          ...(KUBECONFIG === undefined ? {} : { KUBECONFIG }),
          PULUMI_CONFIG_PASSPHRASE: 'test',
          PULUMI_SKIP_UPDATE_CHECK: '1',
          NO_COLOR: '1',
        },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      child.on('close', (code) => resolve({ code, output }));
    });
  }

  async init(stack: string): Promise<void> {
    const result = await this.pulumi('stack', 'init', stack);
    if (result.code !== 0) throw new Error(result.output);
    await this.set(stack, this.#settings);
  }

  async set(stack: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(settings).flatMap(([key, value]) => ['--plaintext', `${key}=${value}`]);
    if (pairs.length === 0) return;
    const result = await this.pulumi('config', 'set-all', '--stack', stack, ...pairs);
    if (result.code !== 0) throw new Error(result.output);
  }

  /** What `up` would do: one step a resource, those that stay the same left out. Throws what the preview said when it fails. */
  async preview(stack: string): Promise<Step[]> {
    const result = await this.pulumi('preview', '--json', '--stack', stack);
    const start = result.output.indexOf('{');
    const { steps } = JSON.parse(result.output.slice(start, result.output.lastIndexOf('}') + 1)) as {
      steps?: Step[];
    };
    if (result.code !== 0 || steps === undefined) throw new Error(result.output);
    return steps.filter((step) => step.op !== 'same');
  }

  /** Hands every resource from one stack to the next, as the README says to do by hand. */
  async handOver(from: string, to: string): Promise<Result> {
    const urns = (await this.resources(from)).map((r) => r.urn);
    const movable = urns.filter((urn) => !/::pulumi:(pulumi:Stack|providers:)/.test(urn));
    const name = (stack: string) => `organization/${PROJECT}/${stack}`;
    return this.pulumi('state', 'move', '--yes', '--source', name(from), '--dest', name(to), ...movable);
  }

  async resources(
    stack: string,
  ): Promise<
    { urn: string; type: string; inputs?: Record<string, unknown>; outputs?: Record<string, unknown> }[]
  > {
    const { output } = await this.pulumi('stack', 'export', '--stack', stack);
    return JSON.parse(output).deployment.resources ?? [];
  }

  /** Rewrites one of the project's own files. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.directory, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }
}
