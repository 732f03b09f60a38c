import { shellQuoted } from '../../lib/machine/shell.ts';

/** The kind cluster of the demo, and its context in the kubeconfig. */
export const KIND_CLUSTER = 'crdb-evolution';
export const KIND_CONFIG = 'cli/commands/demo/kind.yaml';
/** The label of its nodes, in cli/commands/demo/kind.yaml. */
export const MADE_BY_DEMO = 'cockroachdb-live-evolution/demo';
export const FIRST = 'phase0';

/** One command of the demo, by its words. `pulumi` stands for the CLI of this machine. */
export interface Step {
  readonly title: string;
  readonly command: readonly string[];
}

export interface Wish {
  /** A context of the kubeconfig; undefined for a kind cluster of the demo's own. */
  readonly context: string | undefined;
  /** An image that the cluster can pull; undefined to build and load one. */
  readonly image: string | undefined;
  /** Whether Pulumi asks before it applies. */
  readonly ask: boolean;
}

/** What is there already. */
export interface Found {
  readonly kindClusters: readonly string[];
  /** Stacks that the backend has. */
  readonly stacks: readonly string[];
  /** The phases, in their order. */
  readonly phases: readonly string[];
  /** The setting `appImage`. */
  readonly appImage: string;
}

export interface DemoPlan {
  readonly context: string;
  /** Programs that the steps need, beside Pulumi. */
  readonly tools: readonly ('docker' | 'kind')[];
  readonly makesCluster: boolean;
  readonly steps: readonly Step[];
}

/** The kind cluster behind a context; null for any other kind of cluster. */
export function kindClusterOf(context: string): string | null {
  return /^kind-(.+)$/.exec(context)?.[1] ?? null;
}

/** From what is there to phase 0. Null when the image cannot get there: a context that is no kind cluster, and no image named. */
export function planDemo({ context, image, ask }: Wish, found: Found): DemoPlan | null {
  const to = context ?? `kind-${KIND_CLUSTER}`;
  const cluster = kindClusterOf(to);
  if (cluster === null && image === undefined) return null;
  const makesCluster = context === undefined && !found.kindClusters.includes(KIND_CLUSTER);
  const steps: Step[] = [
    ...(makesCluster
      ? [
          {
            title: 'Make a Kubernetes cluster on this machine',
            command: [
              'kind',
              'create',
              'cluster',
              '--name',
              KIND_CLUSTER,
              '--config',
              KIND_CONFIG,
              '--wait',
              '120s',
            ],
          },
        ]
      : []),
    ...(image === undefined && cluster !== null ? imageSteps(found.appImage, cluster) : []),
    ...found.phases.flatMap((stack) => settingSteps(stack, to, image, found.stacks)),
    { title: `Bring up ${FIRST}`, command: ['pulumi', 'up', '--stack', FIRST, ...(ask ? [] : ['--yes'])] },
  ];
  const tools = (['docker', 'kind'] as const).filter((tool) =>
    steps.some(({ command }) => command[0] === tool),
  );
  return { context: to, tools, makesCluster, steps };
}

function imageSteps(image: string, cluster: string): Step[] {
  return [
    { title: 'Build the sample app', command: ['docker', 'build', '-f', 'app/Dockerfile', '-t', image, '.'] },
    {
      title: 'Load it into the cluster',
      command: ['kind', 'load', 'docker-image', image, '--name', cluster],
    },
  ];
}

/** The context is written into each stack, so that no later `kubectl config use-context` sends a phase to another cluster. */
function settingSteps(
  stack: string,
  context: string,
  image: string | undefined,
  stacks: readonly string[],
): Step[] {
  const set = (key: string, value: string): Step => ({
    title: `Set ${key} of ${stack}`,
    command: ['pulumi', 'config', 'set', key, value, '--stack', stack],
  });
  return [
    ...(stacks.includes(stack)
      ? []
      : [{ title: `Make the stack ${stack}`, command: ['pulumi', 'stack', 'init', stack, '--no-select'] }]),
    set('context', context),
    ...(image === undefined ? [] : [set('appImage', image)]),
  ];
}

/** What was typed, to type it again. */
export function demoCommand({ context, image, ask }: Wish): string {
  const flags = [
    ...(context === undefined ? [] : ['--context', context]),
    ...(image === undefined ? [] : ['--image', image]),
    ...(ask ? [] : ['--yes']),
  ];
  return ['npm run demo', ...(flags.length === 0 ? [] : ['--', ...flags.map(shellQuoted)])].join(' ');
}

/** The command as a shell takes it. */
export function typed(command: readonly string[], pulumi: string): string {
  const [name = '', ...rest] = command;
  return [name === 'pulumi' ? pulumi : name, ...rest.map(shellQuoted)].join(' ');
}
