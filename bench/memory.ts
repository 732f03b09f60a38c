import autocannon from 'autocannon';
import type { TestDatabase } from '../tests/support/sample-app.ts';
import { BuiltRivals, builtApp } from './built.ts';
import { ENVIRONMENT } from './contenders.ts';
import { printTable } from './figures.ts';
import { REQUESTS } from './requests.ts';
import { ServerProcess } from './server-process.ts';

const RPS = 300;
const SECONDS = 30;
const REST_SECONDS = 5;

export interface MemoryFigures {
  readonly server: string;
  /** Resident memory in MiB: after a while without a request, at the end of the load, and the most that there ever was. */
  readonly rest: number;
  readonly loaded: number;
  readonly most: number;
  readonly failed: number;
}

/** Memory of the built app, as its image runs it, beside that of a bare server. */
export async function measureMemory(test: TestDatabase): Promise<MemoryFigures[]> {
  const rivals = new BuiltRivals();
  const servers: ServerProcess[] = [];
  try {
    const env = { ...ENVIRONMENT, ...rivals.env };
    servers.push(await ServerProcess.start('app', builtApp(), test));
    servers.push(await ServerProcess.start('bare', [rivals.file('bare')], test, { env }));
    const found: MemoryFigures[] = [];
    for (const server of servers) {
      await new Promise((resolve) => setTimeout(resolve, REST_SECONDS * 1000));
      const rest = server.memory().now;
      const result = await autocannon({
        url: server.url,
        connections: 20,
        duration: SECONDS,
        overallRate: RPS,
        requests: Object.values(REQUESTS),
      });
      const { now, most } = server.memory();
      found.push({ server: server.name, rest, loaded: now, most, failed: result.errors + result.non2xx });
    }
    return found;
  } finally {
    for (const server of servers) server.stop();
    rivals.remove();
  }
}

export function printMemory(figures: readonly MemoryFigures[]): void {
  console.log(`\nmemory, MiB: at rest, and after ${SECONDS} s of ${RPS} requests a second`);
  printTable([
    ['server', 'at rest', 'under load', 'most', 'failed'],
    ...figures.map((f) => [f.server, ...[f.rest, f.loaded, f.most].map((n) => n.toFixed(0)), f.failed]),
  ]);
}
