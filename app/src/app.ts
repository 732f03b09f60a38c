import { type Context, Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ApiError } from './api-error.ts';
import type { Connection } from './database/connection.ts';
import type { KnownHost } from './hosts.ts';
import { commandRoutes } from './http/commands.ts';
import { answerTo } from './http/error-answer.ts';
import { healthRoutes } from './http/health.ts';
import { knownHostOnly } from './http/known-host-only.ts';
import { loginRoute, logins } from './http/login.ts';
import { measure } from './http/measure.ts';
import { pageRoutes } from './http/page.ts';
import { searches, searchRoute } from './http/search.ts';
import { contentTypeIsTrue, pageSecurity } from './http/security-headers.ts';
import type { Control } from './live/control.ts';
import type { SnapshotHistory } from './live/history.ts';
import type { Recordings } from './live/recordings.ts';
import type { Reports } from './live/reports.ts';
import type { Timeline } from './live/timeline.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface AppDeps {
  readonly writer: Connection;
  readonly reader: Connection;
  readonly control: Control;
  readonly reports: Reports;
  readonly recordings: Recordings;
  readonly history: SnapshotHistory;
  readonly timeline: Timeline;
  readonly telemetry: Telemetry;
  readonly registry: Registry;
  readonly log: Logger;
  readonly hashKey: string;
  readonly trustProxy: boolean;
  readonly isKnownHost: KnownHost;
  /** The folder of the built page. */
  readonly pageFolder: string;
  readonly isStopping: () => boolean;
}

/** The app's HTTP side: pure, without a port. `app.request()` is enough to use it. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  app.use(measure(deps.telemetry));
  app.use(contentTypeIsTrue());

  app.route('/login', loginRoute(logins(deps), deps.trustProxy));
  app.route('/search', searchRoute(searches(deps)));
  app.route('/', commandRoutes(deps.control, deps.isKnownHost));
  app.route('/', healthRoutes(deps));
  app.get('/report', (c) => c.json(deps.reports.report));
  // Notes contain what users typed, as the page does: both are served to known hosts only.
  for (const path of ['/recording', '/history']) app.use(path, knownHostOnly(deps.isKnownHost));
  app.get('/recording', (c) =>
    c.body(deps.recordings.open(), 200, {
      'Content-Type': 'application/x-ndjson',
      'Cache-Control': 'no-store',
    }),
  );
  app.get('/history', (c) => {
    const { columns, rows } = deps.history;
    return c.json({ columns, rows, marks: deps.timeline.marks });
  });
  app.get('/metrics', async (c) =>
    c.text(await deps.registry.metrics(), 200, { 'Content-Type': deps.registry.contentType }),
  );
  app.use('/', pageSecurity());
  app.use('/', knownHostOnly(deps.isKnownHost));
  app.route('/', pageRoutes(deps.pageFolder));

  // Not before every request: this runs only when no route has answered.
  const refuseWrongMethod = methodNotAllowed({ app, onMethodNotAllowed: refuseMethod });
  app.notFound(async (c) => {
    c.res = c.json(new ApiError(404, 'not_found', 'There is nothing at this address.').body, 404);
    await refuseWrongMethod(c, async () => {});
    return c.res;
  });
  app.onError((error, c) => {
    const { body, status, headers } = answerTo(error, c.req.path, deps.log);
    return c.json(body, status, headers);
  });
  return app;
}

function refuseMethod(c: Context, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  c.header('Allow', allow);
  return c.json(new ApiError(405, 'method_not_allowed', `This address takes ${allow}.`).body, 405);
}
