import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

// A request has two forms: Node's, and the standard one that is made from it on demand. Making the standard headers costs
// more than answering the request, so what only needs one header looks at Node's. `app.request()` in tests has no Node form.

type NodeForm = Partial<HttpBindings> | undefined;

/** A header of the request, by its lower-case name. */
export function requestHeader(c: Context, name: string): string | undefined {
  const { incoming } = (c.env as NodeForm) ?? {};
  if (incoming === undefined) return c.req.header(name);
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Sets a header that every answer has. */
export function setHeader(c: Context, name: string, value: string): void {
  const { outgoing } = (c.env as NodeForm) ?? {};
  if (outgoing === undefined) c.header(name, value);
  else outgoing.setHeader(name, value);
}

/** The address at the other end of the connection; undefined when there is none, as in a test. */
export function socketAddress(c: Context): string | undefined {
  return (c.env as NodeForm)?.incoming?.socket.remoteAddress;
}

/** The address of the client; that which a proxy names only when the app was told to trust one, as anyone can send the header. */
export function clientAddress(c: Context, trustProxy: boolean): string {
  const forwarded = trustProxy ? requestHeader(c, 'x-forwarded-for') : undefined;
  return firstOf(forwarded) || socketAddress(c) || 'unknown';
}

/** The same, of Node's form. */
export function addressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? headers['x-forwarded-for'] : undefined;
  return firstOf(forwarded?.toString()) || socket.remoteAddress || 'unknown';
}

/** Each proxy adds its own at the end. */
const firstOf = (addresses: string | undefined) => addresses?.split(',')[0]?.trim();
