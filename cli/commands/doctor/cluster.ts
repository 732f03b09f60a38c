import { amountOf } from '../../../components/quantity.ts';
import { type Diagnosis, missing, note, ok } from '../../lib/diagnosis/diagnosis.ts';
import type { KubernetesFacts, Machine } from '../../lib/diagnosis/machine.ts';

/** What the last phase asks of a cluster. */
export interface Needs {
  readonly stack: string;
  /** Empty for the current one. */
  readonly context: string;
  /** undefined for the cluster's default. */
  readonly storageClass: string | undefined;
  readonly operatorInstall: boolean;
  /** All that the program makes, and the operator's. */
  readonly namespaces: readonly string[];
  readonly nodes: number;
  /** Kubernetes quantities, of one database node. */
  readonly databaseCpu: string;
  readonly databaseMemory: string;
}

/** Requests of everything but the database: load, app, operator, Prometheus and Grafana, with some room. */
const BESIDE = { cpu: 600, memory: 1.5 * 2 ** 30 };
/** Oldest Kubernetes whose API has all that the program uses, e.g. discovery.k8s.io/v1 and pod security admission. */
const OLDEST = [1, 25] as const;

/** The Kubernetes cluster that the settings name; `facts` are null when there is none that answers. */
export async function cluster(
  machine: Machine,
  needs: Needs,
  stacks: readonly string[] = [needs.stack],
): Promise<{ readonly facts: KubernetesFacts | null; readonly found: Diagnosis[] }> {
  let facts: KubernetesFacts;
  try {
    facts = await machine.kubernetes(needs.context);
  } catch (error) {
    const problem = (error as Error).message.replace(/ To see why: npm run doctor$/, '');
    // Each phase has its own file, and the next one would go to the old context.
    const set = stacks.map((stack) => `npx pulumi config set context <name> -s ${stack}`).join(' && ');
    const fix = `npm run demo   # makes one with kind; another: ${set}`;
    return { facts: null, found: [missing('context', problem, fix)] };
  }
  return {
    facts,
    found: [
      version(facts),
      rights(facts),
      ...terminating(facts, needs),
      storage(facts, needs),
      resources(facts, needs),
      operator(facts, needs),
    ],
  };
}

function version({ context, version: text }: KubernetesFacts): Diagnosis {
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/.exec(text) ?? []).map(Number);
  const enough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return enough
    ? ok('context', `${context}, Kubernetes ${text}`)
    : missing(
        'context',
        `${context} runs Kubernetes ${text}, and ${OLDEST.join('.')} or newer is needed`,
        'kind create cluster --name crdb-evolution --config cli/commands/demo/kind.yaml',
      );
}

function rights({ context, forbidden }: KubernetesFacts): Diagnosis {
  return forbidden.length === 0
    ? ok('rights', 'this user may make namespaces, cluster roles, webhooks and kinds of resources')
    : missing(
        'rights',
        `this user may not ${forbidden.join(', ')}`,
        `kubectl --context ${context} auth can-i --list   # and ask the cluster's administrator`,
      );
}

/** A namespace takes nothing new while it is being deleted, which can last. */
function terminating({ context, terminating: ending }: KubernetesFacts, { namespaces }: Needs): Diagnosis[] {
  return namespaces
    .filter((name) => ending.includes(name))
    .map((name) =>
      missing(
        'namespace',
        `${name} is being deleted, and takes nothing new until it is gone`,
        `kubectl --context ${context} wait --for=delete namespace/${name} --timeout=10m   # what holds it up: kubectl --context ${context} describe namespace ${name}`,
      ),
    );
}

function storage(
  { storageClasses, hasDefaultStorageClass }: KubernetesFacts,
  { storageClass, stack }: Needs,
): Diagnosis {
  const known = storageClasses.join(', ') || 'none';
  if (storageClass === undefined && storageClasses.length > 0)
    return hasDefaultStorageClass
      ? ok('storage class', `the cluster's default, of ${known}`)
      : missing(
          'storage class',
          `the cluster has no default one, only: ${known}`,
          `npx pulumi config set storageClass ${storageClasses[0]} -s ${stack}`,
        );
  if (storageClass === undefined)
    return missing(
      'storage class',
      'the cluster has none',
      'kubectl apply -f https://raw.githubusercontent.com/rancher/local-path-provisioner/v0.0.30/deploy/local-path-storage.yaml',
    );
  return storageClasses.includes(storageClass)
    ? ok('storage class', storageClass)
    : missing(
        'storage class',
        `there is no ${storageClass}, only: ${known}`,
        `npx pulumi config set storageClass ${storageClasses[0] ?? '<name>'} -s ${stack}`,
      );
}

function resources({ capacity }: KubernetesFacts, needs: Needs): Diagnosis {
  const cpu = needs.nodes * amountOf(needs.databaseCpu) * 1000 + BESIDE.cpu;
  const memory = needs.nodes * amountOf(needs.databaseMemory) + BESIDE.memory;
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const cores = (milli: number) => `${(milli / 1000).toFixed(1)} CPU`;
  if (capacity.nodes === 0)
    return missing(
      'resources',
      'the cluster has no node, so that no pod can run',
      'kubectl get nodes   # and add some as your cluster does it, or wait for its autoscaler to have its first',
    );
  const has = `${cores(capacity.cpu.free)} and ${gib(capacity.memory.free)} free on ${capacity.nodes} node${capacity.nodes === 1 ? '' : 's'}`;
  const wants = `${needs.stack} asks for about ${cores(cpu)} and ${gib(memory)}`;
  if (capacity.cpu.free >= cpu && capacity.memory.free >= memory) return ok('resources', `${has}; ${wants}`);
  // What already runs there may be this very demo.
  return note(
    'resources',
    `${has}; ${wants}, unless some of it runs already`,
    `npx pulumi config set databaseCpu 250m -s ${needs.stack} && npx pulumi config set databaseMemory 1Gi -s ${needs.stack}   # in every stack, before the first up`,
  );
}

function operator({ operator: found }: KubernetesFacts, { operatorInstall, stack }: Needs): Diagnosis {
  if (found === null)
    return operatorInstall
      ? ok('operator', 'not there yet; the first up installs it')
      : missing(
          'operator',
          'operatorInstall is false, and the operator is not there',
          `npx pulumi config set operatorInstall true -s ${stack}`,
        );
  if (found.minimumNodes > 1 && !operatorInstall)
    return missing(
      'operator',
      `the operator that is there refuses fewer than ${found.minimumNodes} nodes`,
      `npx pulumi config set operatorInstall true -s ${stack}   # or let its administrator set the CRD's minimum to 1`,
    );
  return ok(
    'operator',
    operatorInstall
      ? 'there already: this project made it, or operatorInstall must be false'
      : 'there already, and takes a single node',
  );
}
