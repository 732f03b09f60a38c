import type { MiddlewareHandler } from 'hono';
import { setHeader } from './node-request.ts';

const HEADERS = {
  // uPlot and the page set sizes as inline styles; scripts come from files only.
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** What a browser needs to be told with every answer. */
export function securityHeaders(): MiddlewareHandler {
  const headers = Object.entries(HEADERS);
  return async function setSecurityHeaders(c, next) {
    for (const [name, value] of headers) setHeader(c, name, value);
    await next();
  };
}
