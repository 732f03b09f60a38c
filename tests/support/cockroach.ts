import { execFileSync } from 'node:child_process';
import { findCockroach } from '../../cli/commands/rehearse/cockroach/binary.ts';
import { anyFreePort } from '../../cli/lib/machine/ports.ts';

export interface TestedBinary {
  readonly path: string;
  /** e.g. `v26.2.5`. */
  readonly version: string;
  /** For the names of tests: where a stand-in stands in CockroachDB's place, it says so. */
  readonly title: string;
}

/** The program that the tests run on: `COCKROACH`, or the one on PATH. Null, with a line that says so, when there is none. */
export function testedBinary(): TestedBinary | null {
  const path = findCockroach(process.env);
  if (path === null) {
    console.warn('SKIPPED: what needs CockroachDB. There is no cockroach on PATH, and COCKROACH names none.');
    return null;
  }
  const text = execFileSync(path, ['version'], { encoding: 'utf8' });
  const version = /v\d+\.\d+\.\d+\S*/.exec(text)?.[0] ?? '';
  const name = /stand-in/i.test(text) ? 'the stand-in for CockroachDB' : 'CockroachDB';
  return { path, version, title: `${name} ${version}` };
}

/** What a stand-in wants to know, so that two of them can run side by side; CockroachDB itself reads none of it. */
export async function standInSettings(): Promise<Record<string, string>> {
  return {
    STANDIN_PG_PORT: String(await anyFreePort()),
    STANDIN_LISTEN: '127.0.0.1',
    STANDIN_CONVERGE_SECONDS: '6',
  };
}
