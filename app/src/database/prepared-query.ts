import type pg from 'pg';
import { serialize } from 'pg-protocol';
import { type Deadline, Deadlines } from './deadlines.ts';

/** What `pg` has but does not declare. */
interface Wire {
  readonly stream: { write(bytes: Buffer): boolean };
  readonly parsedStatements: Record<string, string | undefined>;
}

interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

const deadlines = new Deadlines();
const ended = () => {};

/** By connection and name of the statement: known once it has been described on that connection. */
const described = new WeakMap<Wire, Map<string, readonly Column[]>>();

const EXECUTE_AND_SYNC = Buffer.concat([serialize.execute(), serialize.sync()]);
const DESCRIBE_EXECUTE_AND_SYNC = Buffer.concat([serialize.describe({ type: 'P' }), EXECUTE_AND_SYNC]);

export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * One execution of a prepared statement, in the form that `pg` takes from packages (pg-cursor is another). `pg`'s own asks the server for
 * the description of the columns each time, and sends an execution as four messages of one write each. CockroachDB answers Bind and Execute
 * without Describe too, and refuses with 0A000 when the columns have changed: its pkg/sql/pgwire/testdata/pgtest/prepared_stmt_invalidation.
 */
export class PreparedQuery<Row> implements Deadline {
  // What `pg` reads of a query.
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  callback: (error: Error | null, rows: Row[]) => void;
  readonly at: number;
  readonly #types: pg.CustomTypesConfig;
  #columns: readonly Column[] = [];
  readonly #rows: Row[] = [];
  #wire: Wire | undefined;

  /** `until` is when an answer is too late, a `performance.now()` time. Whatever happens, `callback` is called once. */
  constructor(
    { name, text }: PreparedStatement,
    values: readonly unknown[],
    types: pg.CustomTypesConfig,
    until: number,
    callback: PreparedQuery<Row>['callback'],
  ) {
    this.name = name;
    this.text = text;
    this.values = values;
    this.at = until;
    this.#types = types;
    this.callback = callback;
    deadlines.add(this);
  }

  late(): void {
    this.handleError(new Error('timeout: the statement was not answered'));
  }

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire;
    this.#wire = wire;
    const isParsed = wire.parsedStatements[this.name] !== undefined;
    const columns = isParsed ? described.get(wire)?.get(this.name) : undefined;
    if (columns !== undefined) this.#columns = columns;
    const bind = serialize.bind({
      statement: this.name,
      values: this.values as unknown[],
      valueMapper: toText,
    });
    const rest = columns === undefined ? DESCRIBE_EXECUTE_AND_SYNC : EXECUTE_AND_SYNC;
    const parts = isParsed
      ? [bind, rest]
      : [serialize.parse({ name: this.name, text: this.text }), bind, rest];
    wire.stream.write(Buffer.concat(parts));
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      read: this.#types.getTypeParser(dataTypeID, 'text'),
    }));
    this.#remember();
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < this.#columns.length; i += 1) {
      const { name, read } = this.#columns[i] as Column;
      const text = fields[i];
      row[name] = text === null || text === undefined ? null : read(text);
    }
    this.#rows.push(row as Row);
  }

  /** Of a statement without rows no columns were described. */
  handleCommandComplete(): void {
    if (this.#columns.length === 0) this.#remember();
  }

  handleReadyForQuery(): void {
    this.#end(null);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  #end(error: Error | null): void {
    const { callback } = this;
    deadlines.delete(this);
    this.callback = ended;
    callback(error, this.#rows);
  }

  #remember(): void {
    const wire = this.#wire as Wire;
    const known = described.get(wire) ?? new Map<string, readonly Column[]>();
    known.set(this.name, this.#columns);
    described.set(wire, known);
  }
}

/** As the protocol's text form has it. Arrays are of numbers. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? `{${value.join(',')}}` : String(value);
}
