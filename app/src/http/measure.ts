import type { MiddlewareHandler } from 'hono';
import type { Telemetry } from '../telemetry/telemetry.ts';

const ROUTES = new Set([
  '/',
  '/login',
  '/search',
  '/spike',
  '/healthz',
  '/readyz',
  '/metrics',
  '/report',
  '/recording',
  '/history',
  '/hub/negotiate',
]);
const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH']);

/** Counts and times every answer, under one of a fixed set of routes: a client that requests random paths creates no new series. */
export function measure(telemetry: Telemetry): MiddlewareHandler {
  return async function measureRequest(c, next) {
    const start = performance.now();
    await next();
    const method = METHODS.has(c.req.method) ? c.req.method : 'other';
    telemetry.httpRequest(method, routeOf(c.req.path), c.res.status, performance.now() - start);
  };
}

function routeOf(path: string): string {
  if (ROUTES.has(path)) return path;
  if (path.startsWith('/commands/')) return '/commands/:name';
  if (path.startsWith('/assets/')) return '/assets/*';
  return 'other';
}
