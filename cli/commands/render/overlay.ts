import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobName, PLAN_FILES } from '../../../jobs/names.ts';
import type { Plan, Position } from '../../../jobs/plan.ts';
import type { Evaluation, Resource, Value } from '../../lib/program/resources.ts';
import { isSecret } from '../../lib/program/resources.ts';
import { type File, heading } from './manifests.ts';
import { generatedName } from './placeholders.ts';
import { passwords } from './recipes.ts';
import { toYaml } from './yaml.ts';

type Table = { readonly [key: string]: Value };

const SQL = join(__dirname, '../../../sql');

/** What the Job of the stack does. `previous` is where the cluster must be before; null when it may begin with nothing. */
export function planOf(
  evaluation: Evaluation,
  previous: Position | null,
  phases: readonly string[] = [],
): Plan {
  const { stack, resources } = evaluation;
  const backup = one(resources, 'EvolutionBackup').inputs;
  const replication = one(resources, 'Replication').inputs;
  const destination = String(backup.destination);
  return {
    phase: stack,
    namespace: String((replication.address as Table).namespace),
    previous,
    others: phases.filter((phase) => phase !== stack),
    replicationFactor: Number(replication.replicationFactor),
    backup: {
      destination: holdsKeys(destination) ? null : destination,
      encrypted: backup.passphrase !== undefined,
    },
    licence: licenceOf(resources),
    sql: {
      replication: fileName(String(replication.file)),
      bootstrap: all(resources, 'SqlFile').map(({ inputs }) => fileName(String(inputs.file))),
    },
    users: all(resources, 'User').map(({ inputs }) => ({
      name: String(inputs.user),
      password: passwordOf(evaluation, generatedName(inputs.password)),
      sql: inputs.file === '' ? null : fileName(String(inputs.file)),
    })),
  };
}

/** The position that a stack leads to, for the plan of the next one. */
export function positionOf({ stack, resources }: Evaluation): Position {
  const replication = one(resources, 'Replication').inputs;
  return {
    phase: stack,
    nodes: Number(replication.nodes),
    replicationFactor: Number(replication.replicationFactor),
    reader: all(resources, 'User').length > 1,
  };
}

/** The files of `sql/` that the plan names: those of its phase, or those that every phase has. */
export function sqlFiles({ resources }: Evaluation, part: 'phase' | 'shared'): File[] {
  const types = part === 'shared' ? ['SqlFile'] : ['Replication', 'User'];
  return types
    .flatMap((type) => all(resources, type))
    .filter(({ inputs }) => inputs.file !== '')
    .map(({ inputs }) => ({ name: fileName(String(inputs.file)), text: sqlText(inputs) }));
}

/** A file of its own name. For more than three copies there is none: the statements are the program's. */
function sqlText({ file, statements }: Table): string {
  const path = join(SQL, String(file));
  if (existsSync(path)) return readFileSync(path, 'utf8');
  return (statements as string[]).map((statement) => `${statement};\n`).join('');
}

const fileName = (file: string) =>
  file.endsWith('.sql') ? file : `${file.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}.sql`;

/** Whether the address may not be in a file that anyone reads. */
function holdsKeys(destination: string): boolean {
  const [, parameters = ''] = destination.split('?');
  return /KEY|SECRET|TOKEN|CREDENTIALS|PASSW/i.test(parameters);
}

function licenceOf(resources: readonly Resource[]): Plan['licence'] {
  const settings = all(resources, 'Settings')[0]?.inputs.settings;
  if (settings === undefined) return null;
  const table = (isSecret(settings) ? settings.shape : settings) as Table;
  return { organization: String(table['cluster.organization'] ?? '') };
}

function passwordOf(evaluation: Evaluation, name: string) {
  const found = passwords(evaluation).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is no password that is generated`);
  return found;
}

const all = (resources: readonly Resource[], type: string) =>
  resources.filter((resource) => resource.type === `pulumi-nodejs:dynamic/evolution:${type}`);

function one(resources: readonly Resource[], type: string): Resource {
  const [found] = all(resources, type);
  if (found === undefined) throw new Error(`The program makes no ${type}`);
  return found;
}

/** What a person reads of the plan. */
export function planFile(plan: Plan): File {
  const about = plan.previous === null ? 'from nothing' : `from ${plan.previous.phase}`;
  return {
    name: PLAN_FILES.plan,
    text: `${heading(`What the Job ${jobName(plan.phase)} does, ${about}. The number of nodes is in ${PLAN_FILES.cluster}.`)}---\n${toYaml(plan)}`,
  };
}
