import { execFileSync } from 'node:child_process';
import { type Binary, checkCockroach, findCockroach } from '../../cli/rehearse/cockroach/binary.ts';
import { anyFreePort } from '../../cli/rehearse/ports.ts';

/** The program that the tests run on: `COCKROACH`, or the one on PATH. Null, with a line that says so, when there is none. */
export async function cockroach(): Promise<(Binary & { readonly title: string }) | null> {
  try {
    const binary = await checkCockroach(findCockroach(process.env));
    return { ...binary, title: titleOf(binary) };
  } catch (error) {
    console.warn(`SKIPPED: what needs CockroachDB. ${(error as Error).message}`);
    return null;
  }
}

/** For the names of the tests: where a stand-in stands in CockroachDB's place, each says so. */
function titleOf({ path, version }: Binary): string {
  const text = execFileSync(path, ['version'], { encoding: 'utf8' });
  return /stand-in/i.test(text) ? `the stand-in for CockroachDB ${version}` : `CockroachDB ${version}`;
}

/** What a stand-in wants to know, so that two of them can run side by side; CockroachDB itself reads none of it. */
export async function standInSettings(): Promise<Record<string, string>> {
  return {
    STANDIN_PG_PORT: String(await anyFreePort()),
    STANDIN_LISTEN: '127.0.0.1',
    STANDIN_CONVERGE_SECONDS: '6',
  };
}
