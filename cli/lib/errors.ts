import { EVOLUTION_ERRORS } from './catalogue.ts';
import { REHEARSAL_ERRORS } from './catalogue-rehearsal.ts';

/** Every error that a user can meet. `{name}` is filled in when it happens. */
export const CATALOGUE = { ...EVOLUTION_ERRORS, ...REHEARSAL_ERRORS } as const;

export type Code = keyof typeof CATALOGUE;

/** Names between braces. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Details<C extends Code> = {
  readonly [name in Names<(typeof CATALOGUE)[C]['cause'] | (typeof CATALOGUE)[C]['next']>]: string | number;
};

/** Something that the user can act on. Shown with its code, its cause and the next step, and without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: Code;
  readonly next: string;
  /** Of the process. */
  readonly exitCode: number;

  constructor(code: Code, message: string, next: string, exitCode = 1) {
    super(message);
    this.code = code;
    this.next = next;
    this.exitCode = exitCode;
  }

  toJSON(): { code: Code; cause: string; next: string } {
    return { code: this.code, cause: this.message, next: this.next };
  }
}

/** The error of the catalogue with its blanks filled in. Secrets in what is filled in are cut out. */
export function cliError<C extends Code>(code: C, details: Details<C>, exitCode = 1): CliError {
  const { cause, next } = CATALOGUE[code];
  const values = details as Readonly<Record<string, string | number>>;
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => withoutSecrets(String(values[name] ?? `{${name}}`)));
  return new CliError(code, fill(cause).replace(/\.$/, ''), fill(next), exitCode);
}

/** The lines that a user reads. */
export function errorLines({ code, message, next }: CliError): string[] {
  // A list ends with a command, which has no point.
  return [`${code}: ${message}${message.includes('\n') ? '' : '.'}`, `Next: ${next}`];
}

/** Text without passwords in addresses, keys in the parameters of storage addresses, and the passphrase. */
export function withoutSecrets(text: string): string {
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE ?? '';
  // A short passphrase such as "test" is a word of ordinary text too, and hides nothing.
  const cut = passphrase.length >= 8 ? text.replaceAll(passphrase, '[secret]') : text;
  return cut
    .replace(/((?:postgres(?:ql)?|https?):\/\/[^\s:@/]+:)[^\s@/]+@/g, '$1[secret]@')
    .replace(
      /((?:AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|CREDENTIALS|AZURE_ACCOUNT_KEY)=)[^\s&'"]+/gi,
      '$1[secret]',
    );
}

/**
 * Does work on a database, and turns what the database or a wait reports into an EVO-931. A bug of this program stays what it is. Throws the
 * signal's reason when that was aborted, whatever the work made of it.
 */
export async function withDatabaseErrors<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const isBug =
      error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
    if (isBug || error instanceof CliError) throw error;
    throw cliError('EVO-931', { problem: (error as Error).message });
  }
}
