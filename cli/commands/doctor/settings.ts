import { type Diagnosis, missing, ok } from '../../lib/diagnosis/diagnosis.ts';
import { CliError } from '../../lib/errors.ts';
import { settingsProblems } from '../../lib/phase/settings.ts';

/** A finding for each setting that the program would refuse, and for each file of a stack that cannot be read. */
export function settings(directory: string, stacks: readonly string[]): Diagnosis[] {
  const found = stacks.flatMap((stack): Diagnosis[] => {
    try {
      return settingsProblems(stack, directory).map(({ text, command }) =>
        missing('settings', `${text} (Pulumi.${stack}.yaml)`, `npx ${command}`),
      );
    } catch (error) {
      if (error instanceof CliError) return [missing('settings', error.message, error.next)];
      throw error;
    }
  });
  if (stacks.length === 0)
    return [missing('settings', 'there is no file Pulumi.<stack>.yaml', 'npx pulumi stack init phase0')];
  return found.length > 0 ? found : [ok('settings', `those of ${stacks.join(', ')} can work`)];
}
