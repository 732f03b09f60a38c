/**
 * Text as a shell takes it, in a command that a user reads and copies. Not by the package shell-quote, which escapes each special character
 * with a backslash: `nodelocal\://1/backups`.
 */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}

/** Always in quotes. */
export const singleQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
