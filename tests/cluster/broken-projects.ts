import { expect } from 'vitest';
import { DATABASE } from '../../components/names.ts';
import { type Ran, runCli } from '../engine/cli.ts';
import { EngineProject } from '../engine/project.ts';
import { applyObject, givenSettings, hasOperator, kubectl, ownNamespaces } from '../support/test-cluster.ts';

export const MINUTES = 60_000;

type Namespaces = ReturnType<typeof ownNamespaces>;

/** Projects in which something is wrong, each in namespaces of its own. They need an operator in the cluster. */
export class BrokenProjects {
  readonly #used: { readonly project: EngineProject; readonly namespaces: Namespaces }[] = [];
  #ownsOperator = false;

  /** Installs the operator if there is none. */
  async prepare(): Promise<void> {
    if (hasOperator()) return;
    this.#ownsOperator = true;
    const first = await this.create('operator', { operatorInstall: 'true' });
    const up = await runCli(first.project, ['evolve', 'phase0', '--yes']);
    expect(up.code, up.output).toBe(0);
  }

  /** A project with one thing that is wrong. */
  async create(
    name: string,
    wrong: Readonly<Record<string, string>> = {},
    namespaces: Namespaces = ownNamespaces(name),
  ) {
    const made = new EngineProject({
      loadEnabled: 'false',
      ...givenSettings(),
      ...namespaces,
      operatorInstall: 'false',
      prometheusEnabled: 'false',
      grafanaEnabled: 'false',
      ...wrong,
    });
    this.#used.push({ project: made, namespaces });
    for (const stack of ['phase0', 'phase1']) await made.init(stack);
    return { project: made, ...namespaces };
  }

  /** Removes all projects. The operator stays, as other tests may use it. */
  remove(): void {
    for (const { project, namespaces } of this.#used) {
      kubectl('delete', 'namespace', '--ignore-not-found', '--wait=false', ...Object.values(namespaces));
      project.remove();
    }
    if (this.#ownsOperator) console.warn('NOTE: the operator that these tests installed stays.');
  }
}

/** Evolves until the wait has said this, and interrupts it then, as someone who has read it would do. */
export function evolveUntil(project: EngineProject, stack: string, said: RegExp): Promise<Ran> {
  return runCli(project, ['evolve', stack, '--yes'], { after: said, what: 'interrupt' });
}

/** Sends a statement as root, by the database's own client in its first pod. */
export function sql(namespace: string, statement: string): string {
  const client = ['/cockroach/cockroach', 'sql', '--certs-dir=/cockroach/cockroach-certs'];
  const wanted = ['--database', DATABASE, '-e', statement];
  return kubectl('exec', '-n', namespace, 'crdb-0', '-c', 'db', '--', ...client, ...wanted);
}

/** Refuses every CrdbCluster of the namespace: what a platform team's own webhook or policy does. */
export function createPolicy(name: string, namespace: string): void {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['crdb.cockroachlabs.com'],
            apiVersions: ['*'],
            operations: ['CREATE'],
            resources: ['crdbclusters'],
          },
        ],
      },
      matchConditions: [{ name: 'here', expression: `request.namespace == '${namespace}'` }],
      validations: [{ expression: 'false', message: 'no databases here' }],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  };
  for (const object of [policy, binding]) applyObject(object);
}
