/**
 * Text quoted for a shell, in a command that a user reads and copies. The package shell-quote is not used, because it escapes each special
 * character with a backslash: `nodelocal\://1/backups`.
 */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}

/** Always in quotes. */
export const singleQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
