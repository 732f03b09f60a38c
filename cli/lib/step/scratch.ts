import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliError } from '../errors.ts';
import { type Pulumi, problemOf } from '../pulumi/run.ts';
import { exportStack, makeStack } from '../pulumi/stacks.ts';

export interface Scratch {
  /** Works on the copy. */
  readonly pulumi: Pulumi;
  remove(): void;
}

/**
 * A copy of the state in its own backend, for the hand-over of a dry run: the state itself stays unchanged, wherever the run is stopped.
 * The stacks' files get their old content back, because creating a stack writes to them.
 */
export async function scratchState(
  pulumi: Pulumi,
  folder: string | undefined,
  stacks: readonly string[],
  target: string,
): Promise<Scratch> {
  const copy = mkdtempSync(join(tmpdir(), 'evolution-dry-run-'));
  const file = join(pulumi.directory, `Pulumi.${target}.yaml`);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const remove = () => {
    if (before !== undefined && readFileSync(file, 'utf8') !== before) writeFileSync(file, before);
    rmSync(copy, { recursive: true, force: true });
  };
  const onCopy = pulumi.with({ PULUMI_BACKEND_URL: `file://${copy}` });
  try {
    if (folder !== undefined) {
      const isLock = (path: string) => path.startsWith(join(folder, '.pulumi', 'locks'));
      if (existsSync(join(folder, '.pulumi')))
        cpSync(join(folder, '.pulumi'), join(copy, '.pulumi'), {
          recursive: true,
          filter: (path) => !isLock(path),
        });
      return { pulumi: onCopy, remove };
    }
    for (const stack of stacks) {
      const exported = join(copy, `${stack}.json`);
      writeFileSync(exported, await exportStack(pulumi, stack), { mode: 0o600 });
      await makeStack(onCopy, stack);
      const result = await onCopy.run(['stack', 'import', '--stack', stack, '--file', exported]);
      if (result.code !== 0) throw cliError('EVO-402', { stack, problem: problemOf(result) });
    }
    return { pulumi: onCopy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
