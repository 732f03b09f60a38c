import { type Diagnosis, missing, note, ok } from './diagnosis.ts';
import type { Machine } from './machine.ts';

/** Node.js, as package.json requires it. */
const NODE = [20, 19] as const;

/** How to get each tool: Homebrew on macOS, the publisher's own way elsewhere. */
const INSTALL = {
  kubectl: { darwin: 'brew install kubectl', other: 'https://kubernetes.io/docs/tasks/tools/' },
  docker: { darwin: 'brew install --cask docker', other: 'https://docs.docker.com/engine/install/' },
  kind: {
    darwin: 'brew install kind',
    other:
      'go install sigs.k8s.io/kind@latest   # or: https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  },
} as const;

/** How to install a tool on this machine. */
export function install(tool: keyof typeof INSTALL, platform: NodeJS.Platform): string {
  return platform === 'darwin' ? INSTALL[tool].darwin : INSTALL[tool].other;
}

/** The programs. docker and kind are needed only if there is no cluster yet. */
export async function tools(machine: Machine, hasCluster: boolean): Promise<Diagnosis[]> {
  const optional = (what: string, problem: string, fix: string) =>
    hasCluster
      ? note(what, `${problem}; only needed to make a cluster on this machine (npm run demo)`, fix)
      : missing(what, problem, fix);
  const ask = async (
    tool: 'kubectl' | 'docker' | 'kind',
    args: readonly string[],
    otherwise: (problem: string) => Diagnosis,
  ): Promise<Diagnosis> => {
    try {
      const [answer = 'there'] = await machine.lines(tool, args);
      return ok(tool, answer);
    } catch (error) {
      return otherwise((error as Error).message);
    }
  };
  return [
    node(machine),
    pulumi(machine),
    await ask('kubectl', ['version', '--client'], (problem) =>
      note(
        'kubectl',
        `${problem}; needed for the port-forwards to the page and the dashboards`,
        install('kubectl', machine.platform),
      ),
    ),
    // Asks for the engine's version: the client alone answers without an engine.
    await ask('docker', ['version', '--format', 'engine {{.Server.Version}}'], (problem) =>
      optional(
        'docker',
        problem,
        /not found/.test(problem) ? install('docker', machine.platform) : startDocker(machine),
      ),
    ),
    await ask('kind', ['version'], (problem) => optional('kind', problem, install('kind', machine.platform))),
  ];
}

function startDocker({ platform }: Machine): string {
  return platform === 'darwin' ? 'open -a Docker' : 'sudo systemctl start docker';
}

function node({ node: version }: Machine): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  return enough
    ? ok('node', version)
    : missing(
        'node',
        `${version}, and ${NODE.join('.')} or newer is needed`,
        'nvm install 22   # or: https://nodejs.org',
      );
}

function pulumi(machine: Machine): Diagnosis {
  try {
    return ok('pulumi', machine.pulumi());
  } catch (error) {
    return missing(
      'pulumi',
      (error as Error).message,
      'npm ci   # its package `pulumi` fetches the CLI on first use; or: https://www.pulumi.com/docs/install/. If that download is blocked: get an archive from https://github.com/pulumi/pulumi/releases some other way, and put its programs on the PATH',
    );
  }
}
