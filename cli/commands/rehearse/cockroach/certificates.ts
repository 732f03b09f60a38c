import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { READER, USERS, WRITER } from '../../../../components/names.ts';
import { cliError } from '../../../lib/errors.ts';
import { HOST } from '../../../lib/machine/ports.ts';
import { CommandFailed, run } from '../../../lib/machine/processes.ts';
import { type Binary, cleanEnvironment } from './binary.ts';

/** Names that the certificate of every node holds: of the machine, and of the Services that lead to it. */
const NAMES = [HOST, 'localhost', WRITER, READER];

/** Makes a directory with a CA, a certificate for the nodes, and one for each user without a password. */
export async function makeCertificates(
  { path }: Binary,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  const cert = async (...words: string[]) => {
    const flags = [`--certs-dir=${directory}`, `--ca-key=${join(directory, 'ca.key')}`];
    try {
      await run(path, ['cert', ...words, ...flags], { env: cleanEnvironment(), signal });
    } catch (error) {
      signal.throwIfAborted();
      const output = error instanceof CommandFailed ? error.output : String(error);
      throw cliError('EVO-913', {
        command: `cert ${words[0]}`,
        problem: output.split('\n').slice(-3).join('\n'),
      });
    }
  };
  await cert('create-ca');
  await cert('create-node', ...NAMES);
  await cert('create-client', 'root');
  await cert('create-client', USERS.load);
}
