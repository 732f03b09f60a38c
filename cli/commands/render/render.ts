import { join, relative } from 'node:path';
import manifest from '../../../package.json';
import { cliError } from '../../lib/errors.ts';
import { evaluateAll, PROJECT } from '../../lib/program/evaluate.ts';
import { phaseNames } from '../../lib/program/settings.ts';
import { folderProblems, writeFolder } from './folder.ts';
import { positionOf } from './overlay.ts';
import { inOrder, type Step, tree } from './tree.ts';

export interface RenderOptions {
  /** Only this stack, with a base and an operator of its own. @default every `phaseN` */
  readonly phase?: string;
  /** The folder that gets `operator`, `base` and a folder for each stack. */
  readonly out: string;
  /** Only compare. @default false */
  readonly check?: boolean;
}

/** Writes or compares the YAML. Gives the exit code: 1 for a difference. Throws UnknownStack, ProgramError and EVO-706. */
export async function render({ phase, out, check = false }: RenderOptions): Promise<number> {
  const phases = [...new Set([...phaseNames(PROJECT), ...(phase === undefined ? [] : [phase])])];
  const made = tree(await steps(phase), { version: manifest.version, phases });
  const folders = made.map(({ name, files }) => ({ folder: join(out, name), files }));
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

/** The phases in their order; or one stack, with what is before it if it is a phase. */
async function steps(phase: string | undefined): Promise<readonly Step[]> {
  const phases = phaseNames(PROJECT);
  if (phase === undefined) return inOrder(await evaluateAll(phases.map((stack) => ({ stack }))));
  const before = phases[phases.indexOf(phase) - 1];
  const [evaluation, last] = await evaluateAll(
    [phase, ...(before === undefined ? [] : [before])].map((stack) => ({ stack })),
  );
  if (evaluation === undefined) return [];
  return [{ evaluation, previous: last === undefined ? null : positionOf(last) }];
}
