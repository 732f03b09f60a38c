/** A row, with every value as the text that CockroachDB sends, e.g. `{1,2}` for an array. */
export type Row = Readonly<Record<string, string | null>>;

export interface Query {
  readonly text: string;
  /** Values of the placeholders `$1`, ...: bound, never part of the text. */
  readonly values?: readonly string[];
  /** @default a database that every cluster has */
  readonly database?: string | null;
  /** Seconds for the answer. A statement without one by then is cancelled, and not sent again. @default 60 */
  readonly seconds?: number;
  /** @default root, by its certificate */
  readonly login?: { readonly user: string; readonly password: string };
}

/** Sends one statement. The tests' recorders and PostgreSQL stand behind the same interface. */
export interface Sql {
  /**
   * Statements must be safe to repeat: they are sent again after a broken connection or a 40001, but not after a timeout. Throws the
   * database's error, with its SQLSTATE as `code`.
   */
  query(query: Query): Promise<Row[]>;
}

/** What a database pod reports about itself. */
export interface Node {
  readonly pod: string;
  /** Why the pod could not be asked; the other fields are empty then. */
  readonly problem?: string;
  /** `GET /health?ready=1` answers 200: it takes SQL. */
  readonly ready: boolean;
  /** Metrics of `/_status/vars` by name, summed over labels (stores). */
  readonly metrics: Readonly<Record<string, number>>;
  /** Ids of its stores, which the lists of a range's replicas contain. Absent when they were not requested. */
  readonly stores?: readonly number[];
}

/** The database as the resources use it. */
export interface Database extends Sql {
  /** Every existing database pod, ready or not. */
  nodes(): Promise<Node[]>;
  /** Command with which a person looks at the nodes. @default `kubectl get pods` */
  readonly lookAt?: string;
}

/** Serialisation failures: the same statement may succeed when it is sent again. */
export const isRetryable = (code: unknown) => code === '40001' || code === '40003';

/**
 * Whether an error's code is the database's (SQLSTATE), and not one of Node.js or of a library. All contain a digit except class XX:
 * CockroachDB uses XXUUU for errors without a code.
 */
export const isSqlState = (code: unknown) => /^((?=.*\d)[0-9A-Z]{5}|XX[0-9A-Z]{3})$/.test(String(code ?? ''));

/**
 * Whether the connection is broken and another one may work: no SQLSTATE (the network), or one that says that the node shuts down, is not
 * ready, or lost its own connections. An invalid certificate and an unreadable key do not count.
 */
export function isBroken({ code }: { code?: unknown }): boolean {
  if (/^(ERR_TLS|ERR_OSSL|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(String(code ?? '')))
    return false;
  return !isSqlState(code) || /^(08|57P|58C)/.test(String(code));
}

/** Number of elements of an array, from its text, e.g. `{1,2}`. */
export function lengthOfArray(text: string | null | undefined): number {
  return elements(text).length;
}

/** The numbers of an array, from its text. */
export function idsOfArray(text: string | null | undefined): number[] {
  return elements(text).map(Number);
}

function elements(text: string | null | undefined): string[] {
  const inside = (text ?? '').replace(/^\{|\}$/g, '');
  return inside === '' ? [] : inside.split(',');
}

/** Sums of the metrics with these names in a page of the Prometheus text format. Missing names are left out. */
export function sumMetrics(page: string, names: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of page.split('\n')) {
    const [, name = '', value = ''] = /^([a-zA-Z_]\w*)(?:\{[^}]*\})? ([^ ]+)/.exec(line) ?? [];
    if (names.includes(name)) sums[name] = (sums[name] ?? 0) + Number(value);
  }
  return sums;
}

/** Ids of the stores that a node reports on in such a page. */
export function storesOf(page: string): number[] {
  const ids = [...page.matchAll(/^ranges\{[^}]*\bstore="(\d+)"/gm)].map(([, id]) => Number(id));
  return [...new Set(ids)];
}
