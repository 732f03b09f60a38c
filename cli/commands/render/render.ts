import { join, relative } from 'node:path';
import { cliError } from '../../lib/errors.ts';
import { evaluateAll, PROJECT } from '../../lib/program/evaluate.ts';
import { stackNames } from '../../lib/program/settings.ts';
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

/** Writes or compares the YAML. Gives the exit code: 1 for a difference. Throws UnknownStack, ProgramError and EVO-706. */
export async function render({ phase, out, check = false }: RenderOptions): Promise<number> {
  const stacks =
    phase === undefined ? stackNames(PROJECT).filter((name) => /^phase\d+$/.test(name)) : [phase];
  const evaluations = await evaluateAll(stacks.map((stack) => ({ stack })));
  const folders = evaluations.map((evaluation) => ({
    folder: join(out, evaluation.stack),
    files: manifests(evaluation),
  }));
  if (check) return report(folders.flatMap(({ folder, files }) => folderProblems(folder, files)));
  for (const { folder, files } of folders) {
    try {
      writeFolder(folder, files);
    } catch (error) {
      throw cliError('EVO-706', { file: folder, problem: (error as Error).message, command: 'render' });
    }
    console.log(`${relative(process.cwd(), folder)}: ${files.length} files`);
  }
  return 0;
}

function report(problems: readonly string[]): number {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error('Run: npm run render');
  return problems.length > 0 ? 1 : 0;
}
