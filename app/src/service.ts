import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { type AppDeps, createApp } from './app.ts';
import { type Config, ConfigError } from './config.ts';
import type { ConnectionName, PageMethods } from './contract.ts';
import { Connection } from './database/connection.ts';
import { credentials } from './database/credentials.ts';
import { knownHosts } from './hosts.ts';
import { directRoutes } from './http/direct.ts';
import { logins } from './http/login.ts';
import { searches } from './http/search.ts';
import { Hub } from './hub/hub.ts';
import { mountHub } from './hub/websocket.ts';
import { Cluster } from './live/cluster.ts';
import { Control } from './live/control.ts';
import { Evolution } from './live/evolution.ts';
import { Feed } from './live/feed.ts';
import { SnapshotHistory } from './live/history.ts';
import { historyOf, hubMethods } from './live/hub-methods.ts';
import { Recordings } from './live/recordings.ts';
import { Reports } from './live/reports.ts';
import { Timeline } from './live/timeline.ts';
import { LatestTopology } from './live/topology.ts';
import { witnessMarks } from './live/witness-marks.ts';
import { HttpClient } from './load/http-client.ts';
import { Load } from './load/load.ts';
import { selfUrl } from './load/self-url.ts';
import { Spike } from './load/spike.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { witnessDatabase } from './witness/database.ts';
import { Witness } from './witness/witness.ts';

export interface Service {
  readonly port: number;
  /** Takes no more requests, finishes those in progress, and closes what is open. */
  stop(): Promise<void>;
}

const PAGE_FOLDER = fileURLToPath(new URL('../ui/dist', import.meta.url));

/** Puts the parts together, opens the port, and starts the witness. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  let stopping = false;
  /** Known while the server is open. A closed server no longer reports it. */
  let address: AddressInfo = { address: config.host, family: 'IPv4', port: config.port };

  const metrics = createMetrics({
    spike: () => spike.state,
    witness: () => witness.state,
    pools: () => ({ writer: writer.pool, reader: reader.pool }),
    evolution: () => evolution.state,
  });
  const telemetry = new Telemetry(metrics, (...request) => reports.request(...request));

  const history = new SnapshotHistory();
  const timeline = new Timeline((mark) => {
    hub.send('mark', [mark]);
    recordings.send({ at: Date.now(), call: 'mark', arg: mark });
  });
  const evolution = new Evolution(timeline);
  const connect = (name: ConnectionName) =>
    new Connection({
      name,
      credentials: credentials(config.database[name]),
      poolSize: config.database.poolSize,
      telemetry,
      log,
      onMoved: (user) => timeline.mark('connection', `${name} connects as ${user}`),
    });
  const writer = connect('writer');
  const reader = connect('reader');

  const table = witnessDatabase(writer, reader);
  const witness = new Witness({
    database: table,
    rps: config.witness.rps,
    allowanceMs: config.witness.allowanceSeconds * 1000,
    onOperation: (kind, result) => metrics.witnessOperations.inc({ kind, result }),
    ...witnessMarks(timeline, log),
  });
  const reports = new Reports(witness);
  const topology = new LatestTopology();

  const client = new HttpClient(() => config.selfUrl ?? selfUrl(address));
  const load = new Load(client, config.load);
  const spike = new Spike({ client, onResult: (result) => metrics.spikeRequests.inc({ result }) });
  const control = new Control({
    load,
    spike,
    timeline,
    evolution,
    reports,
    topology,
    witness,
    limits: config.spike,
    token: config.controlToken,
  });

  const hub: Hub<PageMethods> = new Hub<PageMethods>({
    methods: hubMethods({ control, history, timeline }),
    onError: (err, target) => log.error({ err, target }, 'a hub method failed'),
  });
  const recordings = new Recordings(() => historyOf({ control, history, timeline }, false));
  const { prometheusUrl } = config;
  const users = () => ({ writer: writer.user, reader: reader.user });
  const cluster = prometheusUrl === undefined ? undefined : new Cluster({ prometheusUrl, users, topology });
  const feed = new Feed({
    telemetry,
    control,
    witness,
    reports,
    writer,
    reader,
    topology,
    cluster,
    history,
    onSecond: () => spike.tick(),
    publish: (snapshot) => {
      hub.send('snapshot', [snapshot], { droppable: true });
      recordings.send({ at: snapshot.at, call: 'snapshot', arg: snapshot });
    },
  });

  const isKnownHost = knownHosts(config);
  const deps: AppDeps = {
    writer,
    reader,
    control,
    reports,
    recordings,
    history,
    timeline,
    telemetry,
    registry: metrics.registry,
    log,
    hashKey: config.hashKey ?? randomBytes(32).toString('hex'),
    trustProxy: config.trustProxy,
    isKnownHost,
    pageFolder: PAGE_FOLDER,
    isStopping: () => stopping,
  };
  const app = createApp(deps);
  const direct = directRoutes({ ...deps, login: logins(deps), search: searches(deps) });
  const route = getRequestListener(app.fetch, { hostname: config.host });
  const server = createServer(LIMITS, (request, response) => {
    if (!direct(request, response)) void route(request, response);
  });
  server.listen(config.port, config.host);
  mountHub(app, server, hub, '/hub', isKnownHost);
  await listening(server, config);
  address = server.address() as AddressInfo;

  witness.start();
  feed.start();
  cluster?.start();
  void table.removeOldRuns().catch(() => {});
  if (config.load.autostart) control.command('start-load', {});
  if (config.hashKey === undefined)
    log.warn('APP_HASH_KEY is not set: hashes of addresses will differ from those of other runs');
  log.info({ host: config.host, port: address.port }, 'listening');

  return {
    port: address.port,
    async stop() {
      stopping = true;
      load.stopReaders();
      load.stopWriters();
      spike.stop();
      witness.stop();
      feed.stop();
      cluster?.stop();
      recordings.close();
      await Promise.all([hub.close(), drain(server)]);
      client.close();
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

/** Longer than any request takes, shorter than the time to stop. Milliseconds. */
const DRAIN_MS = 6000;

/** A client that sends its request slowly, or without end, does not hold a connection for ever. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};

/** Takes no more connections and waits for the answers in progress, at most for `DRAIN_MS`. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection that is kept alive becomes idle only after its answer: one sweep at the start would miss it.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const end = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(end);
      resolve();
    });
  });
}

/** Rejects with a ConfigError where the settings name what this machine does not have. */
function listening(server: Server, { host, port }: Config): Promise<void> {
  const noHost = `The host ${host} does not exist. Set APP_HOST to an address of this machine, or to 0.0.0.0.`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use. Set APP_PORT to another port.`,
    EACCES: `Port ${port} is reserved for root. Set APP_PORT to 1024 or higher.`,
    EADDRNOTAVAIL: `This machine does not have the address ${host}. Set APP_HOST to one that it has, or to 0.0.0.0.`,
    ENOTFOUND: noHost,
    EAI_AGAIN: noHost,
  };
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = reasons[error.code ?? ''];
      reject(reason === undefined ? error : new ConfigError(reason));
    });
  });
}
