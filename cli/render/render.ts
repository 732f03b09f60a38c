import { join, relative } from 'node:path';
import { evaluateAll, PROJECT, ProgramError } from '../program/evaluate.ts';
import { stackNames, UnknownStack } from '../program/settings.ts';
import { folderProblems, writeFolder } from './folder.ts';
import { manifests } from './manifests.ts';

export interface RenderOptions {
  /** Only this stack. @default every `phaseN` */
  readonly phase?: string;
  /** The folder that each stack becomes a folder of. */
  readonly out: string;
  /** Only compare. @default false */
  readonly check?: boolean;
}

/** Writes or compares the YAML. Gives the exit code: 1 for a difference or a broken program, 2 for an unknown stack. */
export async function render({ phase, out, check = false }: RenderOptions): Promise<number> {
  const stacks =
    phase === undefined ? stackNames(PROJECT).filter((name) => /^phase\d+$/.test(name)) : [phase];
  try {
    const evaluations = await evaluateAll(stacks.map((stack) => ({ stack })));
    const folders = evaluations.map((evaluation) => ({
      folder: join(out, evaluation.stack),
      files: manifests(evaluation),
    }));
    if (check) return report(folders.flatMap(({ folder, files }) => folderProblems(folder, files)));
    for (const { folder, files } of folders) {
      writeFolder(folder, files);
      console.log(`${relative(process.cwd(), folder)}: ${files.length} files`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UnknownStack || error instanceof ProgramError)) throw error;
    console.error(error.message);
    return error instanceof UnknownStack ? 2 : 1;
  }
}

function report(problems: readonly string[]): number {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error('Run: npm run render');
  return problems.length > 0 ? 1 : 0;
}
