import { createDecipheriv, pbkdf2 } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cliError } from '../errors.ts';
import { readStackFile, stackNames } from '../program/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the passphrase comes from, as Pulumi finds it: the variable goes before the file. */
export type Passphrase =
  | { readonly from: 'variable' | 'file'; readonly text: string }
  /** Why there is none, as the end of a sentence. */
  | { readonly problem: string };

/** Source: Pulumi's pkg/secrets/passphrase, `readPassphrase`. */
export function findPassphrase(env: Environment): Passphrase {
  const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (text !== undefined) return { from: 'variable', text };
  if (file === undefined || file === '') return { problem: 'PULUMI_CONFIG_PASSPHRASE is not set' };
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content === '') return { problem: `PULUMI_CONFIG_PASSPHRASE_FILE names ${file}, which is empty` };
    return { from: 'file', text: content };
  } catch (error) {
    return {
      problem: `PULUMI_CONFIG_PASSPHRASE_FILE names a file that cannot be read: ${(error as Error).message}`,
    };
  }
}

/** Throws EVO-102 when there is no passphrase and some stack needs one. */
export function requirePassphrase(directory: string, env: Environment = process.env): void {
  const found = findPassphrase(env);
  // Another secrets provider, e.g. a cloud's keys, asks for no passphrase.
  if ('problem' in found && saltedOrNew(directory).length > 0) throw cliError('EVO-102', found);
}

/** The stacks, of those that have been encrypted with a passphrase, that it does not open. Takes about a second. */
export async function wrongFor(
  passphrase: string,
  directory: string,
  stacks: readonly string[] = stackNames(directory),
): Promise<string[]> {
  const salts = stacks.flatMap((stack) => {
    const file = readStackFile(directory, stack);
    const salt = file?.encryptionsalt;
    const byPassphrase = (file?.secretsprovider ?? 'passphrase') === 'passphrase';
    return typeof salt === 'string' && byPassphrase ? [{ stack, salt }] : [];
  });
  const opened = await Promise.all(salts.map(({ salt }) => opens(passphrase, salt)));
  return salts.flatMap(({ stack }, i) => (opened[i] === false ? [stack] : []));
}

/** Throws EVO-102 without a passphrase, and EVO-106 with another one than the stacks were encrypted with. */
export async function checkPassphrase(directory: string, env: Environment = process.env): Promise<void> {
  requirePassphrase(directory, env);
  const found = findPassphrase(env);
  if ('problem' in found) return;
  const wrong = await wrongFor(found.text, directory);
  if (wrong.length > 0) throw cliError('EVO-106', { stacks: wrong.join(', ') });
}

function saltedOrNew(directory: string): string[] {
  return stackNames(directory).filter((stack) => {
    const file = join(directory, `Pulumi.${stack}.yaml`);
    // Read as text: another check reports a file that is not YAML.
    return existsSync(file) && !/^secretsprovider:/m.test(readFileSync(file, 'utf8'));
  });
}

const derive = promisify(pbkdf2);
const CHECK = 'pulumi';

/**
 * Whether a passphrase opens what Pulumi has written as `encryptionsalt` for that purpose: `v1:<salt>:v1:<nonce>:<text>`, the word "pulumi"
 * in AES-256-GCM by a key of PBKDF2, 1 000 000 times SHA-256. undefined for another form. Source: Pulumi's sdk/go/common/resource/config/crypt.go.
 */
async function opens(passphrase: string, state: string): Promise<boolean | undefined> {
  const [version, salt, inner, nonce, text] = state.split(':');
  if (version !== 'v1' || inner !== 'v1' || !salt || !nonce || !text) return undefined;
  const bytes = (base64: string) => Buffer.from(base64, 'base64');
  const key = await derive(passphrase, bytes(salt), 1_000_000, 32, 'sha256');
  const sealed = bytes(text);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(nonce));
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    return `${decipher.update(sealed.subarray(0, -16)).toString()}${decipher.final().toString()}` === CHECK;
  } catch {
    return false;
  }
}
