import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { ROOT } from './repository.ts';

/** What an image is told to run, and with what: the end of its Dockerfile. */
export interface Image {
  /** The folder that stands for the image's root. */
  readonly root: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `uid:gid` */
  readonly user: string;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** The last stage, which is the image unless another one is the target; and each stage by its name. */
export interface Built extends Image {
  readonly stages: ReadonlyMap<string, Image>;
}

/** A RUN that failed. The message has what it printed. */
export class StepFailed extends Error {}

interface Stage {
  readonly root: string;
  readonly environment: Record<string, string>;
  workdir: string;
  user: string;
  command: string[];
  healthcheck: string[];
}

/** What is not built here: its files are those of this machine. */
const EMPTY: Stage = { root: '', environment: {}, workdir: '/', user: '', command: [], healthcheck: [] };

/**
 * Carries out the steps of a Dockerfile in folders below `folder`, one a stage, without Docker and without its base images: COPY copies and RUN
 * runs, with the programs of this machine. Knows what app/Dockerfile uses, and throws at anything else.
 */
export async function build(dockerfile: string, folder: string): Promise<Built> {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  const here = (): Stage => {
    if (stage === undefined) throw new Error('a step before FROM');
    return stage;
  };
  const place = ({ root, workdir }: Stage, path: string) =>
    join(root, path.startsWith('/') ? path : join(workdir, path));

  for (const [instruction, rest] of steps(readFileSync(join(ROOT, dockerfile), 'utf8'))) {
    switch (instruction) {
      case 'EXPOSE':
        break;
      case 'FROM': {
        const name = / AS (\w+)$/i.exec(rest)?.[1] ?? 'final';
        const base: Stage = stages.get(rest.split(' ')[0] ?? '') ?? EMPTY;
        stage = { ...base, root: join(folder, name), environment: { ...base.environment } };
        mkdirSync(stage.root, { mode: 0o755 });
        if (base !== EMPTY) copy(base.root, stage.root);
        stages.set(name, stage);
        break;
      }
      case 'WORKDIR':
        here().workdir = rest;
        mkdirSync(place(here(), '.'), { recursive: true, mode: 0o755 });
        break;
      case 'COPY': {
        const [, from, paths = ''] = /^(?:--from=(\w+) )?(.*)$/.exec(rest) ?? [];
        const sources = paths.split(' ');
        const target = place(here(), sources.pop() ?? '');
        const origin = from === undefined ? undefined : stages.get(from);
        for (const source of sources) {
          if (origin === undefined) copyOfContext(source, target);
          else copy(place(origin, source), target);
        }
        break;
      }
      case 'RUN':
        await run(rest, place(here(), '.'), here().environment);
        break;
      case 'ENV': {
        const [name = '', value = ''] = rest.split('=');
        here().environment[name] = value;
        break;
      }
      case 'USER':
        here().user = rest;
        break;
      case 'CMD':
        here().command = JSON.parse(rest);
        break;
      case 'HEALTHCHECK':
        here().healthcheck = JSON.parse(rest.replace(/^.*? CMD /, ''));
        break;
      default:
        throw new Error(`${instruction} is not known to tests/support/dockerfile.ts`);
    }
  }
  return { ...here(), stages };
}

function steps(text: string): [instruction: string, rest: string][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1).trim()];
    });
}

/** As COPY: a folder's contents into the target, a file into the target when that is a folder. Returns where it lies then. */
function copy(source: string, target: string, filter: (file: string) => boolean = () => true): string {
  const folder = target.endsWith('/') || (existsSync(target) && statSync(target).isDirectory());
  const into = statSync(source).isFile() && folder ? join(target, basename(source)) : target;
  cpSync(source, into, { recursive: true, verbatimSymlinks: true, filter });
  return into;
}

/** Without what .dockerignore names, and as a checkout under umask 077 has it: for its owner alone. */
function copyOfContext(path: string, target: string): void {
  const ignored = ignore(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  onlyForOwner(copy(join(ROOT, path), target, (file) => !ignored(relative(ROOT, file))));
}

function onlyForOwner(path: string): void {
  const folder = lstatSync(path).isDirectory();
  chmodSync(path, folder ? 0o700 : 0o600);
  if (folder) for (const name of readdirSync(path)) onlyForOwner(join(path, name));
}

/** Names at the root, and `**` + `/name` anywhere: what .dockerignore here consists of. */
function ignore(dockerignore: string): (path: string) => boolean {
  const rules = dockerignore.split('\n').filter((line) => line !== '');
  return (path) => {
    const names = path.split('/');
    return rules.some((rule) => (rule.startsWith('**/') ? names.includes(rule.slice(3)) : names[0] === rule));
  };
}

async function run(command: string, cwd: string, environment: Record<string, string>): Promise<void> {
  // What npm tells its scripts, it would tell this npm too, which is to know nothing of the outer one.
  const outer = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_ENV$|NODE_OPTIONS$|VITEST)/i.test(name),
  );
  const child = spawn('sh', ['-c', `umask 022 && ${command}`], {
    cwd,
    // What is in npm's cache already, is not asked for again.
    env: { ...Object.fromEntries(outer), ...environment, npm_config_prefer_offline: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new StepFailed(`${command}\n${output}`);
}
