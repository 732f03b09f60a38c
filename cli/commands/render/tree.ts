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
  const [first] = steps;
  if (first === undefined) return [];
  const all = steps.map((step) => parts(step, steps, options));
  const isSame = ({ name, text }: File, of: 'objects' | 'shared') =>
    all.every((part) => part[of].some((file) => file.name === name && file.text === text));
  const base = {
    objects: all[0]?.objects.filter((file) => isSame(file, 'objects')) ?? [],
    shared: all[0]?.shared.filter((file) => isSame(file, 'shared')) ?? [],
  };
  const { namespace } = planOf(first.evaluation, null);
  const about = ['What all phases have in common. Apply a phase, which includes it.'];
  const group = operatorGroup(first.evaluation);
  return [
    ...(group === undefined ? [] : [{ name: 'operator', files: [operatorKustomization(group)] }]),
    {
      name: 'base',
      files: [
        kustomization(
          about,
          names(base.objects),
          { name: SHARED, namespace, files: base.shared },
          jobLabels(),
        ),
        ...base.objects,
        ...base.shared,
      ],
    },
    ...steps.map(({ evaluation, previous }, i) => {
      const { stack } = evaluation;
      const part = all[i];
      const objects = [
        ...(part?.objects ?? []).filter((file) => !isSame(file, 'objects')),
        ...(part?.job ?? []),
      ];
      const files = [
        ...(part?.shared ?? []).filter((file) => !isSame(file, 'shared')),
        ...(part?.plan ?? []),
      ];
      const from =
        previous === null
          ? 'The step to it begins with nothing.'
          : `The step to it begins at ${previous.phase}.`;
      const about = [`${stack}: what all phases have in common, and the Job that takes the step. ${from}`];
      return {
        name: stack,
        files: [
          kustomization(
            about,
            ['../base', ...names(objects)],
            { name: jobName(stack), namespace: planOf(evaluation, null).namespace, files },
            jobLabels(),
          ),
          ...objects,
          ...files,
        ],
      };
    }),
  ];
}

const names = (files: readonly File[]) => files.map(({ name }) => name);

/** The files of a stack: objects to apply, its Job; and what the Job reads, of every phase and of this one. */
function parts({ evaluation, previous }: Step, steps: readonly Step[], { version, phases }: TreeOptions) {
  const { stack } = evaluation;
  const plan = planOf(evaluation, previous, phases);
  const { namespace } = plan;
  const objects = manifests(evaluation);
  const users = steps.flatMap((step) =>
    planOf(step.evaluation, null).users.map(({ password }) => password.name),
  );
  const written = [...generatedObjects(evaluation), ...evaluation.resources.filter(isCredentials)];
  const hasPolicies = objects.some(({ name }) => name.startsWith('90-'));
  return {
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
