const USE = /^USE\s+"?(\w+)"?$/i;

/** The database that a `USE` statement names; null for any other statement. */
export function usedDatabase(text: string): string | null {
  return USE.exec(text)?.[1] ?? null;
}
