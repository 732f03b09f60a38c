import type { MiddlewareHandler } from 'hono';
import { setHeader } from '../node-request.ts';

const PAGE_HEADERS = {
  // uPlot and the page set sizes as inline styles; scripts come from files only.
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** What a browser needs to be told with every answer: its content type is what it says. */
export function contentTypeIsTrue(): MiddlewareHandler {
  return async function setContentTypeIsTrue(c, next) {
    setHeader(c, 'x-content-type-options', 'nosniff');
    await next();
  };
}

/** What a browser needs to be told with a page. */
export function pageSecurity(): MiddlewareHandler {
  return async function setPageSecurity(c, next) {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) setHeader(c, name, value);
    await next();
  };
}
