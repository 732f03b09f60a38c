import { INSERT_LOGIN } from '../app/src/http/login.ts';
import { SEARCH } from '../app/src/http/search.ts';
import type { TestDatabase } from '../tests/support/sample-app.ts';
import { type BuiltRivals, builtApp } from './built.ts';
import { REQUESTS, type Route } from './requests.ts';
import { ServerProcess } from './server-process.ts';

/** What each server does beyond the two requests. All prepare their statements, hash address and user agent, and have the same pools. */
export const GUARANTEES = {
  app: 'metrics, percentiles of each second, report of each phase; deadline, retries and admission queue for each statement; credentials that change while it runs; limits on time, size, type and encoding of a request; input checked for control characters and broken Unicode; witness; hub',
  bare: 'length of the input checked',
  guarded:
    'bare, and metrics of prom-client, pg’s own timeouts, a limit on what waits, limits on size and type of the body, input checked as the app does; no retries, witness or hub',
  fastify: 'input checked by JSON schema, size and type of the body limited',
  go: 'length of the input checked',
} as const;
export type Name = keyof typeof GUARANTEES;

export const ENVIRONMENT = {
  APP_POOL_SIZE: '10',
  // The app's own, by environment: what stands in its source once is sent by all.
  BENCH_SEARCH: SEARCH.text,
  BENCH_INSERT_LOGIN: INSERT_LOGIN.text,
};

/** Starts them all, and checks that they answer the same. What cannot be built here is left out, and named. */
export async function startContenders(test: TestDatabase, rivals: BuiltRivals): Promise<ServerProcess[]> {
  const env = { ...ENVIRONMENT, ...rivals.env };
  const servers = [await ServerProcess.start('app', builtApp(), test, { env: ENVIRONMENT })];
  for (const name of ['bare', 'guarded', 'fastify'])
    servers.push(await ServerProcess.start(name, [rivals.file(name)], test, { env }));
  const go = rivals.go();
  if ('missing' in go) console.log(`SKIPPED the Go server: ${go.missing}`);
  else servers.push(await ServerProcess.start('go', [], test, { env, program: go.program }));
  try {
    await refuseDifferences(servers);
  } catch (error) {
    for (const server of servers) server.stop();
    throw error;
  }
  return servers;
}

/** A server that answers less would be faster. */
async function refuseDifferences(servers: readonly ServerProcess[]): Promise<void> {
  const answers = await Promise.all(
    servers.map(async ({ url }) => {
      const ask = ({ path, ...request }: (typeof REQUESTS)[Route]) => fetch(`${url}${path}`, request);
      const search = await ask(REQUESTS['/search']);
      const login = await ask(REQUESTS['/login']);
      const { id, ...more } = (await login.json()) as { id: string };
      return JSON.stringify([
        search.status,
        await search.text(),
        login.status,
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id),
        more,
      ]);
    }),
  );
  for (const [i, answer] of answers.entries())
    if (answer !== answers[0])
      throw new Error(`${servers[i]?.name} answers ${answer}, but the app ${answers[0]}`);
}
