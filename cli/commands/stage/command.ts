import { once } from 'node:events';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Command } from 'commander';
import { APP } from '../../../components/app-manifests.ts';
import { connectKubernetes, isReady } from '../../../components/database/kubernetes.ts';
import { tunnel } from '../../../components/database/tunnel.ts';
import { GRAFANA } from '../../../components/grafana-manifests.ts';
import { PORTS, selector } from '../../../components/names.ts';
import { controlToken } from '../../lib/cluster/app.ts';
import { findings } from '../../lib/cluster/findings.ts';
import { type ClusterClients, lookForVerdict, withCluster } from '../../lib/cluster/inspect.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import type { Target } from '../../lib/phase/settings.ts';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { chooseTarget } from '../../lib/pulumi/choose.ts';
import { port } from '../../ui/arguments.ts';
import { terminalFor } from '../../ui/output.ts';
import { runCommand } from '../run-command.ts';
import { openInBrowser } from './browser.ts';
import { type Backstage, type PartName, stage } from './stage.ts';

interface Flags {
  readonly port: number;
  readonly grafanaPort: number;
  readonly open: boolean;
  readonly color: boolean;
}

export function addStage(program: Command): void {
  program
    .command('stage')
    .description(
      'open everything that a talk needs: lasting port-forwards, the page with its token, Grafana, the check',
    )
    .argument('[phase]', 'the phase of the cluster; by default the one whose stack owns it')
    .option('--port <number>', 'port of this machine for the page', port, 8080)
    .option('--grafana-port <number>', 'port of this machine for Grafana', port, 3000)
    .option('--no-open', 'do not open a browser')
    .option('--no-color', 'plain text')
    .action((phase: string | undefined, flags: Flags) => {
      const terminal = terminalFor(flags);
      const interrupted = { state: 'The port-forwards are closed', command: 'npm run stage' };
      return runCommand({ interrupted }, async () => {
        const target = await chooseTarget(phase, 'stage', terminal);
        const folder = join(PROJECT, 'reports');
        makeFolder(folder);
        const say = (line: string) => terminal.quiet(line);
        await withCluster(
          target,
          (clients) =>
            stage({ ...flags, folder }, target, backstage(target, clients), terminal, clients.run.signal),
          say,
        );
        return 0;
      });
    });
}

function backstage(target: Target, clients: ClusterClients): Backstage {
  const { app, observability } = target.namespaces;
  const places: Record<PartName, { namespace: string; name: string; port: number }> = {
    page: { namespace: app, name: APP, port: PORTS.app },
    grafana: { namespace: observability, name: GRAFANA, port: PORTS.grafana },
  };
  return {
    async dial(part) {
      const { namespace, name, port } = places[part];
      const pods = await clients.workloads.pods(namespace, selector(name));
      const pod = pods.find(isReady)?.metadata?.name;
      if (pod === undefined) throw new Error(`no pod of ${name} is ready`);
      return opened(tunnel(clients.kubernetes.kubeconfig, namespace, pod, port));
    },
    token: () =>
      controlToken(connectKubernetes({ context: target.context, namespace: app }, clients.run.signal)),
    app: clients.app,
    check: async () => findings(await lookForVerdict(target, clients), target),
    open: openInBrowser,
  };
}

async function opened(stream: ReturnType<typeof tunnel>): Promise<Duplex> {
  const connected = once(stream, 'connect');
  stream.connect();
  // Rejects with the error of the stream.
  await connected;
  return stream;
}
