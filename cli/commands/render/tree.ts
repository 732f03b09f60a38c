import { jobName, SHARED } from '../../../jobs/names.ts';
import type { Position } from '../../../jobs/plan.ts';
import type { Evaluation } from '../../lib/program/resources.ts';
import { jobImage, jobLabels, stepJob } from './job.ts';
import { jobPolicies } from './job-network.ts';
import { kustomization } from './kustomization.ts';
import {
  type File,
  generatedFiles,
  generatedObjects,
  heading,
  manifests,
  operatorGroup,
  STEP,
  stepFiles,
} from './manifests.ts';
import { operatorKustomization } from './operator.ts';
import { planFile, planOf, positionOf, sqlFiles } from './overlay.ts';
import { rights } from './rights.ts';
import { toYaml } from './yaml.ts';

export interface Folder {
  readonly name: string;
  readonly files: readonly File[];
}

/** A stack, and where the cluster must be before the step to it; null when the step may begin with nothing. */
export interface Step {
  readonly evaluation: Evaluation;
  readonly previous: Position | null;
}

export interface TreeOptions {
  /** Of this project: the tag of the Job's image. */
  readonly version: string;
  /** Every phase of the project, and the stack: whose Jobs there may be. */
  readonly phases: readonly string[];
}

/** The stacks in their order, each after the one before. */
export function inOrder(evaluations: readonly Evaluation[]): Step[] {
  return evaluations.map((evaluation, i) => {
    const before = evaluations[i - 1];
    return { evaluation, previous: before === undefined ? null : positionOf(before) };
  });
}

/**
 * Folders for kustomize: `operator`, `base` with what is the same in all stacks, and one for each stack with the rest. A file of the
 * program's objects that differs between stacks is in each of their folders.
 */
export function tree(steps: readonly Step[], options: TreeOptions): Folder[] {
  const users = steps.flatMap(({ evaluation }) =>
    planOf(evaluation, null).users.map(({ password }) => password.name),
  );
  const all = steps.map((step) => parts(step, users, options));
  const [first] = all;
  if (first === undefined) return [];
  const isSame = (of: 'objects' | 'shared', file: File) =>
    all.every((part) => part[of].some(({ name, text }) => name === file.name && text === file.text));
  const group = operatorGroup(first.step.evaluation);
  return [
    ...(group === undefined ? [] : [{ name: 'operator', files: [operatorKustomization(group)] }]),
    base(
      first.namespace,
      first.objects.filter((file) => isSame('objects', file)),
      first.shared.filter((file) => isSame('shared', file)),
    ),
    ...all.map(({ step, namespace, objects, job, shared, plan }) =>
      overlay(
        step,
        namespace,
        [...objects.filter((file) => !isSame('objects', file)), ...job],
        [...shared.filter((file) => !isSame('shared', file)), ...plan],
      ),
    ),
  ];
}

function base(namespace: string, objects: readonly File[], files: readonly File[]): Folder {
  const about = ['What all phases have in common. Apply a phase, which includes it.'];
  const list = kustomization(about, names(objects), { name: SHARED, namespace, files }, jobLabels());
  return { name: 'base', files: [list, ...objects, ...files] };
}

function overlay(
  { evaluation: { stack }, previous }: Step,
  namespace: string,
  objects: readonly File[],
  files: readonly File[],
): Folder {
  const begins = previous === null ? 'with nothing' : `at ${previous.phase}`;
  const about = [
    `${stack}: what all phases have in common, and the Job that takes the step. The step to it begins ${begins}.`,
  ];
  const resources = ['../base', ...names(objects)];
  const list = kustomization(about, resources, { name: jobName(stack), namespace, files }, jobLabels());
  return { name: stack, files: [list, ...objects, ...files] };
}

const names = (files: readonly File[]) => files.map(({ name }) => name);

/**
 * The files of a stack: objects to apply, its Job; and what the Job reads, of every phase and of this one. `users` are the names of the
 * passwords of all stacks' users.
 */
function parts(step: Step, users: readonly string[], { version, phases }: TreeOptions) {
  const { evaluation, previous } = step;
  const { stack } = evaluation;
  const plan = planOf(evaluation, previous, phases);
  const { namespace } = plan;
  const objects = manifests(evaluation);
  const written = [...generatedObjects(evaluation), ...evaluation.resources.filter(isCredentials)];
  const hasPolicies = objects.some(({ name }) => name.startsWith('90-'));
  return {
    step,
    namespace,
    objects: [
      ...objects,
      documents(
        '50-evolution.yaml',
        ['What the Job of each phase may do.'],
        rights(namespace, written, phases),
      ),
      ...(hasPolicies
        ? [documents('91-evolution-network.yaml', ['Whom the Job may talk to.'], jobPolicies(namespace))]
        : []),
    ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    job: [
      documents(
        'job.yaml',
        [`Takes the step to ${stack}. Its state says what came of it, and its events how far it is.`],
        [stepJob({ stack, namespace, image: jobImage(appImage(evaluation), version) })],
      ),
    ],
    shared: [...generatedFiles(evaluation, users), ...sqlFiles(evaluation, 'shared')],
    plan: [planFile(plan), ...stepFiles(evaluation), ...sqlFiles(evaluation, 'phase')],
  };
}

function documents(name: string, about: readonly string[], objects: readonly object[]): File {
  return { name, text: [heading(...about), ...objects.map(toYaml)].join('---\n') };
}

const isCredentials = ({ name }: Evaluation['resources'][number]) => name === STEP.credentials;

function appImage({ resources }: Evaluation): string {
  const deployment = resources.find(({ name }) => name === 'app-deployment');
  const spec = deployment?.inputs.spec as unknown as {
    template: { spec: { containers: { image: string }[] } };
  };
  return spec.template.spec.containers[0]?.image ?? '';
}
