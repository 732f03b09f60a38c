import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { stackNames } from '../../cli/lib/program/settings.ts';
import { CLUSTER } from '../../components/names.ts';
import { ROOT, read, repositoryFiles } from './repository.ts';

/** What the project has, by the program itself: what a documented command can name. */
export interface Known {
  readonly files: ReadonlySet<string>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly appScripts: Readonly<Record<string, string>>;
  /** The command line with its real definitions, whose actions do nothing. */
  readonly cli: Command;
  readonly stacks: readonly string[];
  /** Of Pulumi.yaml. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** All that the program makes in the last phase, as text. */
  readonly rendered: string;
  readonly outputs: readonly string[];
}

export async function known(): Promise<Known> {
  const scripts = (file: string) => (JSON.parse(read(file)) as { scripts: Record<string, string> }).scripts;
  const { config } = parse(read('Pulumi.yaml')) as { config: Record<string, { default: unknown }> };
  const files = repositoryFiles();
  return {
    files,
    scripts: scripts('package.json'),
    appScripts: scripts('app/package.json'),
    cli: await cli(),
    stacks: stackNames(ROOT),
    settings: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, value.default])),
    rendered: [...files]
      .filter((file) => /^k8s\/.*\.yaml$/.test(file))
      .map(read)
      .join('\n'),
    outputs: [...read('index.ts').matchAll(/^export const (\w+)/gm)].map(([, name]) => name ?? ''),
  };
}

/** `cli/commands/<command>/command.ts` adds its command to commander; cli/main.ts does the same with each. */
async function cli(): Promise<Command> {
  const program = new Command('crdb-evolution');
  for (const folder of readdirSync(join(ROOT, 'cli/commands'))) {
    if (!existsSync(join(ROOT, 'cli/commands', folder, 'command.ts'))) continue;
    const module = (await import(`../../cli/commands/${folder}/command.ts`)) as Record<string, unknown>;
    const [, add] = Object.entries(module).find(([name]) => name.startsWith('add')) ?? [];
    (add as (program: Command) => unknown)(program);
  }
  for (const command of program.commands)
    command
      .exitOverride()
      .configureOutput({ writeErr: () => {}, writeOut: () => {} })
      .action(() => {});
  return program;
}

/** Whether a name is one that the program gives to something in the cluster. */
export function isInCluster(name: string, { rendered }: Known): boolean {
  if (new RegExp(`^${CLUSTER}-\\d$`).test(name)) return true;
  return new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(rendered);
}
