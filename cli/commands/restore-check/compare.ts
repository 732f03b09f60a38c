/** A table of a backup, beside its copy that was restored from it. */
export interface TableCheck {
  readonly table: string;
  /** By the backup's own listing. */
  readonly rowsInBackup: number;
  /** Counted in the copy; null when the copy lacks the table. */
  readonly rowsRestored: number | null;
  /** Whether the copy's rows are those of the live table at the moment that the backup shows. */
  readonly content: 'same' | 'different' | 'not compared';
}

export interface Comparison {
  readonly tables: readonly TableCheck[];
  /** Tables of the copy that the backup does not list. */
  readonly unexpected: readonly string[];
  /** Why contents were not compared, where they were not. */
  readonly reason: string | null;
  readonly ok: boolean;
}

/** What was read of one table. */
export interface Reading {
  readonly table: string;
  readonly rowsInBackup: number;
  readonly rowsRestored: number | null;
  /** By index; null when it could not be had. */
  readonly live: Readonly<Record<string, string>> | null;
  readonly restored: Readonly<Record<string, string>> | null;
}

/**
 * Rows must be those that the backup lists, and contents the same where they can be compared. Where they cannot (the moment is older than
 * what the live table keeps, say), the restore itself has still read every file and verified its checksums: `reason` says why.
 */
export function compareTables(
  readings: readonly Reading[],
  restored: readonly string[],
  reason: string | null,
): Comparison {
  const tables = readings.map(({ live, restored: copy, ...rest }) => ({
    ...rest,
    content: content(live, copy),
  }));
  const unexpected = restored.filter((name) => !readings.some(({ table }) => table === name));
  return {
    tables,
    unexpected,
    reason: tables.some((table) => table.content === 'not compared') ? reason : null,
    ok:
      tables.length > 0 &&
      unexpected.length === 0 &&
      tables.every((table) => table.rowsRestored === table.rowsInBackup && table.content !== 'different'),
  };
}

function content(live: Reading['live'], restored: Reading['restored']): TableCheck['content'] {
  if (live === null || restored === null) return 'not compared';
  const names = new Set([...Object.keys(live), ...Object.keys(restored)]);
  return [...names].every((name) => live[name] === restored[name]) ? 'same' : 'different';
}
