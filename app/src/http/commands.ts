import { type Context, Hono } from 'hono';
import { ApiError, unknownHost } from '../api-error.ts';
import { isOtherSite, type KnownHost } from '../hosts.ts';
import { jsonBody } from '../input.ts';
import type { Control } from '../live/control.ts';
import { requestHeader } from '../node-request.ts';

/** `POST /spike` and `POST /commands/<name>`. With a control token configured, both want `Authorization: Bearer <token>`. */
export function commandRoutes(control: Control, isKnownHost: KnownHost) {
  const authorize = (c: Context) => {
    if (!isKnownHost(requestHeader(c, 'host'))) throw unknownHost();
    refuseOtherSites(c);
    refuseWithoutToken(c, control);
  };
  return new Hono()
    .post('/spike', async (c) => {
      authorize(c);
      return c.json(control.startSpike(await jsonBody(c)), 202);
    })
    .post('/commands/:name', async (c) => {
      authorize(c);
      return c.json(control.command(c.req.param('name'), await jsonBody(c)));
    });
}

function refuseWithoutToken(c: Context, control: Control): void {
  const token = /^Bearer (.+)$/i.exec(requestHeader(c, 'authorization') ?? '')?.[1] ?? '';
  if (control.accepts(token)) return;
  c.header('WWW-Authenticate', 'Bearer');
  throw new ApiError(
    401,
    'token_required',
    'This needs the control token: send Authorization: Bearer <token>.',
  );
}

/** A page of another site must not command the app of its visitors. Scripts send no Origin. */
function refuseOtherSites(c: Context): void {
  if (isOtherSite(requestHeader(c, 'origin'), requestHeader(c, 'host'))) {
    throw new ApiError(
      403,
      'other_site',
      'Only the page of this app may send commands, or scripts without an Origin header.',
    );
  }
}
