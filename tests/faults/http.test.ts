import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../app/src/config.ts';
import { type Service, startService } from '../../app/src/service.ts';
import { cases, SEED, seeded } from '../support/random.ts';
import { settings, startDatabase, type TestDatabase } from '../support/sample-app.ts';
import { figures } from './figures.ts';
import { type OddRequest, oddRequest } from './http-requests.ts';

const CASES = cases(400, 10_000);
const AT_ONCE = 25;
const ALLOWED = [
  100, 101, 200, 201, 202, 206, 304, 400, 401, 403, 404, 405, 409, 411, 413, 414, 415, 416, 417, 422, 426,
  431, 501, 503, 505,
];

let test: TestDatabase;
let service: Service;
/** What the app logged as an error: there is none that a client may cause. */
const errors: string[] = [];

beforeAll(async () => {
  test = await startDatabase();
  const config = readConfig(settings(test, { APP_SPIKE_MAX_SECONDS: '1', APP_SPIKE_MAX_RPS: '1' }));
  service = await startService(config, pino({ level: 'error' }, { write: (line) => void errors.push(line) }));
});
afterAll(async () => {
  await service?.stop();
  await test?.remove();
});

/** All that comes back until the connection is closed; null when it is not closed in time. */
function send({ bytes, leaves }: OddRequest): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ port: service.port, host: '127.0.0.1', allowHalfOpen: true });
    let answer = '';
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(null);
    }, 30_000);
    const close = () => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', close);
    if (leaves) socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()));
    else socket.end(bytes);
  });
}

function problem(answer: string | null): string | undefined {
  if (answer === null) return 'the connection was not closed';
  if (answer === '') return undefined;
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
  if (status === undefined) return `not HTTP: ${JSON.stringify(answer.slice(0, 80))}`;
  return ALLOWED.includes(Number(status)) ? undefined : `status ${status}`;
}

it(`answers ${CASES} odd requests with a status that says what is wrong, or closes, and goes on`, async () => {
  const wrong: string[] = [];
  const statuses = new Map<string, number>();
  let next = SEED;
  const worker = async () => {
    while (next < SEED + CASES) {
      const seed = next;
      next += 1;
      const request = oddRequest(seeded(seed));
      const answer = await send(request);
      const status = answer?.slice(9, 12) || 'closed';
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const why = problem(answer);
      if (why !== undefined)
        wrong.push(`${seed}: ${why}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 300))}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  figures('odd HTTP requests', {
    cases: CASES,
    seeds: `${SEED} to ${SEED + CASES - 1}`,
    answers: [...statuses]
      .sort()
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
    wrong: wrong.length,
  });
  expect(wrong).toEqual([]);
  expect(errors).toEqual([]);
  const metrics = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  expect(metrics.split('\n').filter((line) => /^http_requests_total\{.*status="500"/.test(line))).toEqual([]);
  expect((await fetch(`http://127.0.0.1:${service.port}/healthz`)).status).toBe(200);
}, 1_200_000);
