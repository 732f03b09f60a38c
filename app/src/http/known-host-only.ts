import type { MiddlewareHandler } from 'hono';
import { unknownHost } from '../api-error.ts';
import type { KnownHost } from '../hosts.ts';
import { requestHeader } from '../node-request.ts';

/** Explains to a user who opens the page under a host name that the app does not serve what is wrong, and what to do. */
export function knownHostOnly(isKnownHost: KnownHost): MiddlewareHandler {
  return async function refuseUnknownHost(c, next) {
    if (isKnownHost(requestHeader(c, 'host'))) return next();
    const { body, status } = unknownHost();
    return c.json(body, status);
  };
}
