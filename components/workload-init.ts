import { COCKROACH, initCommand, LOAD_URL, sizeFlags, TABLES, type Workload } from './workload.ts';

/**
 * `cockroach workload init` may run once: it inserts plain rows, and stops at the first that is there already. So what
 * it has done is written down in a table of one row a workload, before and after.
 *
 * | the row says      | then |
 * |---|---|
 * | nothing, no tables | load |
 * | nothing, tables    | stop: somebody else made them |
 * | loading            | an earlier try was interrupted: empty its tables, load |
 * | loaded             | done, if the size is the one that is asked for |
 */
export const STATE_TABLE = 'load_state';

/** Every statement that the init sends, by its part in the table above. None holds a value from outside. */
export function initStatements(workload: Workload) {
  const { kind } = workload;
  const size = sizeFlags(workload).join(' ');
  return {
    prepare: `CREATE TABLE IF NOT EXISTS ${STATE_TABLE} (workload TEXT PRIMARY KEY, size TEXT NOT NULL, state TEXT NOT NULL)`,
    state: `SELECT state FROM ${STATE_TABLE} WHERE workload = '${kind}'`,
    size: `SELECT size FROM ${STATE_TABLE} WHERE workload = '${kind}'`,
    tables: countOf(TABLES[kind]),
    begin: `INSERT INTO ${STATE_TABLE} (workload, size, state) VALUES ('${kind}', '${size}', 'loading')`,
    resize: `UPDATE ${STATE_TABLE} SET size = '${size}' WHERE workload = '${kind}'`,
    empty: TABLES[kind].map((table) => ({ count: countOf([table]), remove: `DELETE FROM ${table}` })),
    end: `UPDATE ${STATE_TABLE} SET state = 'loaded' WHERE workload = '${kind}'`,
  };
}

/** How many of these tables there are. */
function countOf(tables: readonly string[]): string {
  const names = tables.map((table) => `'${table.replaceAll('"', '')}'`).join(', ');
  return `SELECT count(*) AS tables FROM information_schema.tables WHERE table_schema = 'public' AND table_name IN (${names})`;
}

/** `ask STATEMENT` prints the last line of the answer: the value, or the column's name when there is no row. */
const ASK = `ask() { local answer; answer=$(${COCKROACH} sql --url '${LOAD_URL}' --format=tsv -e "$1") || return; echo "\${answer##*$'\\n'}"; }`;

/** The program of the init Job, for bash, which the image has. Ends with 0 when the data is there, and only then. */
export function initScript(workload: Workload): string {
  const sql = initStatements(workload);
  const size = sizeFlags(workload).join(' ');
  return [
    'set -euo pipefail',
    ASK,
    `ask ${quote(sql.prepare)} >/dev/null`,
    `state=$(ask ${quote(sql.state)})`,
    'case "$state" in',
    'loaded)',
    `  size=$(ask ${quote(sql.size)})`,
    `  if [ "$size" = ${quote(size)} ]; then echo 'The data is there.'; exit 0; fi`,
    `  echo "The data is there with $size, and ${size} is asked for. Set the size back, or load into another cluster." >&2`,
    '  exit 1 ;;',
    'loading)',
    "  echo 'An earlier load was interrupted: emptying its tables.'",
    `  ask ${quote(sql.resize)} >/dev/null`,
    ...sql.empty.map(
      ({ count, remove }) =>
        `  if [ "$(ask ${quote(count)})" != 0 ]; then ask ${quote(remove)} >/dev/null; fi`,
    ),
    '  ;;',
    '*)',
    `  tables=$(ask ${quote(sql.tables)})`,
    '  if [ "$tables" != 0 ]; then',
    `    echo "There are tables of ${workload.kind} that this program did not make. It leaves them alone." >&2`,
    '    exit 1',
    '  fi',
    `  ask ${quote(sql.begin)} >/dev/null ;;`,
    'esac',
    initCommand(workload).map(quote).join(' '),
    `ask ${quote(sql.end)} >/dev/null`,
    "echo 'The data is loaded.'",
  ].join('\n');
}

/** Waits for the data: without it, a run would write into tables that are still being filled. */
export function waitScript(workload: Workload): string {
  const { state } = initStatements(workload);
  return [
    ASK,
    `until [ "$(ask ${quote(state)})" = loaded ]; do echo 'Waiting for the data.'; sleep 3; done`,
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
