import { DATABASE, namesOf, PORTS, USERS } from './names.ts';

/**
 * The command lines of `cockroach workload`, as its documentation (v26.2, cockroach-workload.md) and its help name the
 * flags. The tool takes a connection only as a URL argument, which everyone who may list processes can read. So it logs in with a client
 * certificate, and the URL contains the paths of its files, and no secret.
 */
export interface Workload {
  /**
   * The workload, as `cockroach workload` names it.
   * @example 'tpcc'
   */
  readonly kind: 'tpcc' | 'kv' | 'bank';
  /**
   * Number of TPC-C warehouses, about 200 MB each. The other workloads have a fixed, small size.
   * @example 1
   */
  readonly warehouses: number;
  /**
   * Limit of operations per second.
   * @example 20
   */
  readonly rate: number;
}

/** Where the client certificate is mounted: `ca.crt`, `tls.crt`, `tls.key`. */
export const CERTIFICATES = '/certs';
export const COCKROACH = '/cockroach/cockroach';
/** The load itself may only read and write the workload's tables. */
export const loadUrl = (cluster?: string) => clientUrl(USERS.load, namesOf(cluster).writer);
/**
 * Making the tables takes an admin: IMPORT reads `system.sql_instances`, and INSERT ends by splitting the tables, for which it reads
 * all cluster settings and the ranges of a system table. Source: pkg/workload/workloadsql of CockroachDB.
 */
export const initUrl = (cluster?: string) => clientUrl('root', namesOf(cluster).writer);

function clientUrl(user: string, host: string): string {
  const files = `sslrootcert=${CERTIFICATES}/ca.crt&sslcert=${CERTIFICATES}/tls.crt&sslkey=${CERTIFICATES}/tls.key`;
  return `postgresql://${user}@${host}:${PORTS.sql}/${DATABASE}?sslmode=verify-full&${files}`;
}

/** Flags that determine the data. A run must have the same flags as the initial load. */
export function sizeFlags({ kind, warehouses }: Workload): string[] {
  return {
    tpcc: [`--warehouses=${warehouses}`],
    // Keys come from a cycle, so that the table stops growing.
    kv: ['--cycle-length=100000', '--min-block-bytes=64', '--max-block-bytes=256'],
    bank: ['--rows=10000'],
  }[kind];
}

/** Without think times, only the rate determines the load, on one warehouse as well as on many. */
function paceFlags({ kind, warehouses }: Workload): string[] {
  return {
    tpcc: ['--wait=false', `--workers=${Math.min(10 * warehouses, 100)}`],
    kv: ['--read-percent=80', '--concurrency=8'],
    bank: ['--concurrency=8'],
  }[kind];
}

/** Makes and fills the tables. `url` must be that of an admin. */
export function initCommand(workload: Workload, url = initUrl()): string[] {
  return [
    COCKROACH,
    'workload',
    'init',
    workload.kind,
    // The default, AUTO, is IMPORT for TPC-C: it takes the tables offline, and needs even more privileges.
    '--data-loader=INSERT',
    `--db=${DATABASE}`,
    ...sizeFlags(workload),
    url,
  ];
}

export function runCommand(workload: Workload, url = loadUrl()): string[] {
  return [
    COCKROACH,
    'workload',
    'run',
    workload.kind,
    `--db=${DATABASE}`,
    ...sizeFlags(workload),
    ...paceFlags(workload),
    `--max-rate=${workload.rate}`,
    // The demo is about nodes that drain or die: the tool counts errors and continues.
    '--tolerate-errors',
    // Connections are renewed often enough for the load to reach a node that has just joined.
    '--max-conn-lifetime=60s',
    '--max-conn-lifetime-jitter=15s',
    '--display-every=10s',
    `--prometheus-port=${PORTS.load}`,
    url,
  ];
}

/** Each workload's tables, those that refer to others first. Source: pkg/workload/{tpcc,kv,bank} of CockroachDB. */
export const TABLES: Readonly<Record<Workload['kind'], readonly string[]>> = {
  tpcc: [
    'history',
    'order_line',
    'new_order',
    '"order"',
    'stock',
    'item',
    'customer',
    'district',
    'warehouse',
  ],
  kv: ['kv'],
  bank: ['bank'],
};

/** All privileges of the load's user, besides connecting. */
export function grantStatement({ kind }: Workload): string {
  return `GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ${TABLES[kind].join(', ')} TO ${USERS.load}`;
}

/** Fails until the last statement of `sql/00-bootstrap.sql` has been run, and is 0 at first. */
export const SCHEMA_PROBE = 'SELECT count(*) AS terms FROM search_terms';

/** Waits until `sql/00-bootstrap.sql` has been run: for a Job that is applied before there is a database. For bash. */
export function waitForSchema(url: string): string {
  return [
    `until [[ "$(${COCKROACH} sql --url '${url}' --format=tsv -e '${SCHEMA_PROBE}' 2>&1 | tail -n 1)" =~ ^[1-9] ]]; do`,
    "  echo 'Waiting for the tables of phase 0.'",
    '  sleep 3',
    'done',
  ].join('\n');
}
