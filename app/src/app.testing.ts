import { pino } from 'pino';
import { createApp } from './app.ts';
import type { Connection } from './database/connection.ts';
import { DatabaseError } from './database/errors.ts';
import { knownHosts } from './hosts.ts';
import { Control } from './live/control.ts';
import { Evolution } from './live/evolution.ts';
import { SnapshotHistory } from './live/history.ts';
import { historyOf } from './live/hub-methods.ts';
import { Recordings } from './live/recordings.ts';
import { Reports } from './live/reports.ts';
import { Timeline } from './live/timeline.ts';
import { LatestTopology } from './live/topology.ts';
import { HttpClient } from './load/http-client.ts';
import { Load } from './load/load.ts';
import { Spike } from './load/spike.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { Witness, type WitnessDatabase } from './witness/witness.ts';

interface Sent {
  text: string;
  values: readonly unknown[];
}

/** Stands where the pool is: notes what is sent, and answers or fails as the test says. */
function connection(name: 'writer' | 'reader', user: string) {
  const sent: Sent[] = [];
  const state: { fails: string | undefined; tryOut: string | undefined } = {
    fails: undefined,
    tryOut: '42501',
  };
  const fake = {
    name,
    user,
    moveProblem: undefined,
    pool: { open: 0, idle: 0, waiting: 0 },
    async query(statement: { text: string }, values: readonly unknown[]) {
      sent.push({ text: statement.text, values });
      if (state.fails)
        throw new DatabaseError(name, state.fails, `The ${name} connection did not answer (${state.fails}).`);
      return [];
    },
    async tryOut() {
      if (state.tryOut) throw new DatabaseError(name, state.tryOut, 'refused');
    },
  };
  return { sent, state, connection: fake as unknown as Connection };
}

/** The app over connections that note what they are sent. */
export function setUp(options: { token?: string; readerUser?: string } = {}) {
  const writer = connection('writer', 'app_writer');
  const reader = connection('reader', options.readerUser ?? 'app_reader');
  const witness = new Witness({ database: {} as WitnessDatabase, rps: 1, allowanceMs: 1 });
  const reports = new Reports(witness);
  const topology = new LatestTopology();
  const history = new SnapshotHistory();
  const timeline = new Timeline(() => {});
  const evolution = new Evolution(timeline);
  // Nothing listens there: what is tested here is what the app answers, not what the spike meets.
  const client = new HttpClient(() => 'http://127.0.0.1:9');
  const spike = new Spike({ client });
  const metrics = createMetrics({
    spike: () => spike.state,
    witness: () => witness.state,
    pools: () => ({ writer: writer.connection.pool, reader: reader.connection.pool }),
    evolution: () => evolution.state,
  });
  const control = new Control({
    load: new Load(client, { readerRps: 1, writerRps: 1 }),
    spike,
    timeline,
    evolution,
    reports,
    topology,
    witness,
    limits: { maxSeconds: 120, maxRps: 500 },
    token: options.token,
  });
  const telemetry = new Telemetry(metrics, (...request) => reports.request(...request));
  const app = createApp({
    writer: writer.connection,
    reader: reader.connection,
    control,
    reports,
    recordings: new Recordings(() => historyOf({ control, history, timeline }, false)),
    history,
    timeline,
    telemetry,
    registry: metrics.registry,
    log: pino({ level: 'silent' }),
    hashKey: 'key',
    trustProxy: false,
    isKnownHost: knownHosts({ host: '0.0.0.0', allowedHosts: ['app.example'], controlToken: options.token }),
    pageFolder: '/nowhere',
    isStopping: () => false,
  });
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { app, post, writer, reader, control, spike, timeline, topology, witness, telemetry };
}

/** What a refused request was answered with. */
export const error = async (response: Response) =>
  ((await response.json()) as { error: { code: string; message: string } }).error;
