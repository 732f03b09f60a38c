import {
  COCKROACH,
  grantStatement,
  initCommand,
  initUrl,
  loadUrl,
  sizeFlags,
  TABLES,
  type Workload,
} from './workload.ts';

/**
 * `cockroach workload init` can run only once: it inserts plain rows, and stops at the first that exists already. So a table with one row per
 * workload records its progress, before and after.
 *
 * | the row says      | then |
 * |---|---|
 * | nothing, no tables | load |
 * | nothing, tables    | stop: somebody else made them |
 * | loading            | an earlier try was interrupted: drop its tables, load |
 * | loaded             | done, if the size is the one that is asked for |
 *
 * The load's user gets its rights last, so that they are also the sign that the data is there.
 */
export const STATE_TABLE = 'load_state';

/** Every statement of the init, by its part in the table above. None contains a value from outside. */
export function initStatements(workload: Workload) {
  const { kind } = workload;
  const size = sizeFlags(workload).join(' ');
  return {
    prepare: `CREATE TABLE IF NOT EXISTS ${STATE_TABLE} (workload TEXT PRIMARY KEY, size TEXT NOT NULL, state TEXT NOT NULL)`,
    state: `SELECT state FROM ${STATE_TABLE} WHERE workload = '${kind}'`,
    size: `SELECT size FROM ${STATE_TABLE} WHERE workload = '${kind}'`,
    tables: `SELECT count(*) AS tables FROM information_schema.tables WHERE table_schema = 'public' AND table_name IN (${tableNames(kind)})`,
    begin: `INSERT INTO ${STATE_TABLE} (workload, size, state) VALUES ('${kind}', '${size}', 'loading')`,
    resize: `UPDATE ${STATE_TABLE} SET size = '${size}' WHERE workload = '${kind}'`,
    // One by one, referring tables first. CASCADE could drop tables of others.
    drop: TABLES[kind].map((table) => `DROP TABLE IF EXISTS ${table}`),
    end: `UPDATE ${STATE_TABLE} SET state = 'loaded' WHERE workload = '${kind}'`,
    grant: grantStatement(workload),
  };
}

/** The statement that the load's user tries until it succeeds. It may return no row: kv begins empty. */
export function probeStatement({ kind }: Workload): string {
  return `SELECT 1 AS there FROM ${TABLES[kind].at(-1)} LIMIT 1`;
}

function tableNames(kind: Workload['kind']): string {
  return TABLES[kind].map((table) => `'${table.replaceAll('"', '')}'`).join(', ');
}

/** `ask STATEMENT` prints the last line of the answer: the value, or the column's name if there is no row. */
function ask(url: string): string {
  return `ask() { local answer; answer=$(${COCKROACH} sql --url '${url}' --format=tsv -e "$1") || return; echo "\${answer##*$'\\n'}"; }`;
}

/** The script of the init Job, for bash, which the image contains. It exits with 0 only when the data exists. */
export function initScript(workload: Workload, url = initUrl()): string {
  const sql = initStatements(workload);
  const size = sizeFlags(workload).join(' ');
  return [
    'set -euo pipefail',
    ask(url),
    `ask ${quote(sql.prepare)} >/dev/null`,
    `state=$(ask ${quote(sql.state)})`,
    'case "$state" in',
    'loaded)',
    `  size=$(ask ${quote(sql.size)})`,
    `  if [ "$size" != ${quote(size)} ]; then`,
    `    echo "The data is there with $size, and ${size} is asked for. Set the size back, or load into another cluster." >&2`,
    '    exit 1',
    '  fi',
    `  ask ${quote(sql.grant)} >/dev/null`,
    "  echo 'The data is there.'",
    '  exit 0 ;;',
    'loading)',
    "  echo 'An earlier load was interrupted: dropping its tables.'",
    `  ask ${quote(sql.resize)} >/dev/null`,
    ...sql.drop.map((statement) => `  ask ${quote(statement)} >/dev/null`),
    '  ;;',
    '*)',
    `  tables=$(ask ${quote(sql.tables)})`,
    '  if [ "$tables" != 0 ]; then',
    `    echo "There are tables of ${workload.kind} that this program did not make. It leaves them alone." >&2`,
    '    exit 1',
    '  fi',
    `  ask ${quote(sql.begin)} >/dev/null ;;`,
    'esac',
    initCommand(workload, url).map(quote).join(' '),
    `ask ${quote(sql.end)} >/dev/null`,
    `ask ${quote(sql.grant)} >/dev/null`,
    "echo 'The data is loaded.'",
  ].join('\n');
}

/** Waits for the data, and says so. Without it, a run would write into tables that are still being filled. */
export function waitScript(workload: Workload, url = loadUrl()): string {
  return [
    ask(url),
    `until answer=$(ask ${quote(probeStatement(workload))} 2>&1); do`,
    `  echo "Waiting for the data: \${answer##*$'\\n'}"`,
    '  sleep 3',
    'done',
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
