import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { TRY } from '../../app/src/database/move.ts';
import { INSERT_LOGIN } from '../../app/src/http/login.ts';
import { SEARCH } from '../../app/src/http/search.ts';
import { WITNESS_STATEMENTS } from '../../app/src/witness/database.ts';
import { REHEARSAL } from '../../cli/commands/rehearse/cockroach/statements.ts';
import { restoreCheck } from '../../cli/commands/restore-check/restore-check.ts';
import { cancelJob } from '../../cli/commands/restore-check/statements.ts';
import { REPLICATION } from '../../cli/lib/cluster/replication.ts';
import { hasTables, takeBackup } from '../../components/database/backup.ts';
import { recorder, testRun } from '../../components/database/recorder.testing.ts';
import type { Query } from '../../components/database/sql.ts';
import { copiesOf, remainingStatements } from '../../components/database/zones.ts';
import { USERS } from '../../components/names.ts';
import { readScript, replicationScript } from '../../components/replication.ts';
import { applySettings } from '../../components/steps/settings.ts';
import { setUp } from '../../components/steps/user.ts';
import { SCHEMA_PROBE, type Workload } from '../../components/workload.ts';
import { initStatements, probeStatement } from '../../components/workload-init.ts';
import { ROOT } from './repository.ts';

/** A statement that the product can send to CockroachDB, and what sends it. */
export interface Sendable {
  readonly text: string;
  readonly from: string;
}

const WORKLOADS: readonly Workload[] = [
  { kind: 'tpcc', warehouses: 1, rate: 1 },
  { kind: 'kv', warehouses: 1, rate: 1 },
  { kind: 'bank', warehouses: 1, rate: 1 },
];
const FILES = [
  '00-bootstrap.sql',
  '01-phase0-rf1.sql',
  '10-phase1-reader-user.sql',
  '11-phase1-rf2.sql',
  '20-phase2-rf3.sql',
];
/** A zone of each form that CockroachDB may list. */
const ZONES = [
  'INDEX evolution.public.t@"an index"',
  'PARTITION p OF TABLE t',
  'DATABASE "x y"',
  'TABLE system.public.jobs',
];

/** Every statement that the product can send, each once: collected from what makes them. */
export async function sendable(): Promise<Sendable[]> {
  const all: Sendable[] = [
    ...FILES.flatMap((file) => readScript(file).statements.map((text) => ({ text, from: `sql/${file}` }))),
    ...[5, 7].flatMap((factor) => from('a higher factor', replicationScript(factor).statements)),
    ...from('other zones', remainingStatements(zones(), copiesOf(2))),
    ...from('a look at the cluster', [
      ...Object.values(REPLICATION),
      'SHOW ALL ZONE CONFIGURATIONS',
      'SHOW USERS',
    ]),
    ...from('the sign of life of a connection', ['SELECT 1']),
    ...from('backups', await texts(backups)),
    ...from('users and settings', await texts(users)),
    ...from('restore-check', [...(await texts(checks)), cancelJob('1').text]),
    ...WORKLOADS.flatMap((workload) => from(`the load ${workload.kind}`, loadStatements(workload))),
    ...from('the wait for the schema', [SCHEMA_PROBE]),
    ...from('the rehearsal', Object.values(REHEARSAL)),
    ...from('the app', APP),
  ];
  return all.filter(({ text }, i) => all.findIndex((other) => other.text === text) === i);
}

/** The app's own, and those that its connections are tried with: app/src/database/connection.ts. */
const APP = [
  ...[SEARCH, INSERT_LOGIN, ...WITNESS_STATEMENTS].map(({ text }) => text),
  TRY,
  'SET default_transaction_use_follower_reads = off',
  'BEGIN READ WRITE',
  'ROLLBACK',
];

const from = (source: string, statements: readonly string[]): Sendable[] =>
  statements.map((text) => ({ text, from: source }));

export function loadStatements(workload: Workload): string[] {
  const { drop, ...rest } = initStatements(workload);
  return [...Object.values(rest), ...drop, probeStatement(workload)];
}

function zones() {
  return ZONES.map((target) => ({
    target,
    raw_config_sql: `ALTER ${target} CONFIGURE ZONE USING\n\tnum_replicas = 5`,
  }));
}

type Recorded = ReturnType<typeof recorder>;

async function backups(sql: Recorded): Promise<void> {
  for (const passphrase of ['x', undefined])
    await takeBackup({ destination: 'nodelocal://1/x', passphrase }, sql, testRun());
  await hasTables(sql);
}

async function users(sql: Recorded): Promise<void> {
  const script = { file: '', lines: '', statements: [] };
  for (const user of [USERS.writer, USERS.reader])
    await setUp({ user, password: 'x', ...script }, sql, testRun());
  await applySettings(sql, { 'cluster.organization': 'x', 'enterprise.license': 'x' });
}

async function checks(sql: Recorded): Promise<void> {
  for (const passphrase of ['x', undefined]) {
    const place = { destination: 'nodelocal://1/x', passphrase };
    await restoreCheck(
      place,
      {},
      sql,
      testRun(),
      (work) => work(sql, testRun()),
      () => '',
    );
  }
}

/** What code sends to a database that answers whatever is needed to go on. */
async function texts(send: (sql: Recorded) => Promise<void>): Promise<string[]> {
  const databases = ['evolution'];
  const table = { object_type: 'table', database_name: 'evolution', object_name: 't', rows: '1' };
  const sql = recorder(({ text }: Query) => {
    const made = /new_db_name = '(\w+)'/.exec(text)?.[1];
    if (made !== undefined) databases.push(made);
    if (text === 'SHOW DATABASES') return databases.map((database_name) => ({ database_name }));
    if (/^(BACKUP|RESTORE)/.test(text)) return [{ job_id: '1' }];
    if (text.startsWith('SHOW JOB')) return [{ status: 'succeeded' }];
    if (text.startsWith('SHOW BACKUP FROM')) return [{ ...table, end_time: '2026-01-01 00:00:00' }];
    if (text.startsWith('SHOW BACKUPS')) return [{ path: `/${sql.sent.length}` }];
    if (text.startsWith('SHOW TABLES')) return [{ table_name: 't' }];
    if (text.startsWith('SELECT count')) return [{ count: '1' }];
    if (text.includes('FINGERPRINTS')) return [{ index_name: 't_pkey', fingerprint: '1' }];
    return undefined;
  });
  await send(sql);
  return sql.texts();
}

/** A statement without what differs from one time to the next: names that were made, numbers of jobs, moments. */
export function form(text: string): string {
  return text
    .replace(/restore_check_\d+/g, 'restore_check_N')
    .replace(/\bJOB \d+/g, 'JOB N')
    .replace(/TIME '\d{4}-[^']*'/g, "TIME 'T'")
    .replace(/(public\.)"[^"]+"/g, '$1"t"');
}

const VERBS =
  /^(SELECT|INSERT INTO|UPDATE|DELETE FROM|SHOW|ALTER|CREATE|GRANT|REVOKE|SET|BACKUP|RESTORE|CANCEL|DROP|BEGIN|ROLLBACK|WITH) ?[A-Z"$\w*]/;

/** Folders whose statements go to CockroachDB, and what in them goes elsewhere. */
const SOURCES = ['app/src', 'cli', 'components', 'jobs'];
const ELSEWHERE: Readonly<Record<string, string>> = {
  'cli/lib/postgres/database.ts': 'to the embedded PostgreSQL',
  'cli/commands/rehearse/postgres/demo.ts': 'to the embedded PostgreSQL',
  'cli/lib/program/fixture/index.ts': 'nowhere: a program for tests',
};

/** The statements that stand in the sources, as patterns: a value that is put in may be anything. */
export function written(): { readonly place: string; readonly text: string; readonly pattern: RegExp }[] {
  return SOURCES.flatMap((folder) => files(join(ROOT, folder)))
    .map((file) => file.slice(ROOT.length + 1))
    .filter((file) => !(file in ELSEWHERE))
    .flatMap((file) => {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(ROOT, file), 'utf8'),
        ts.ScriptTarget.Latest,
        true,
      );
      return literals(source)
        .filter(({ parts }) => VERBS.test(parts.join('x')))
        .map(({ parts, line }) => ({
          place: `${file}:${line}`,
          text: parts.join('...'),
          // The rest of a statement may be added to its beginning, and brackets may stand around it.
          pattern: new RegExp(
            `(^|\\[)${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*')}`,
          ),
        }));
    });
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|testing)\.ts$/.test(name))
    .map((name) => join(folder, name));
}

/** Texts of a source, each with the parts that stand between what is put in. */
function literals(source: ts.SourceFile): { readonly parts: readonly string[]; readonly line: number }[] {
  const found: { parts: string[]; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (ts.isStringLiteralLike(node)) found.push({ parts: [node.text], line });
    else if (ts.isTemplateExpression(node))
      found.push({ parts: [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)], line });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
