import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { isLoopback } from '../hosts.ts';

/** What a connection URL says, in the form that `pg` takes. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly ssl: false | ConnectionOptions;
}

const PARAMETERS = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name']);

const FORM =
  'Write postgresql://user:password@host:26257/database?sslmode=verify-full, with special characters in the password percent-encoded, e.g. %25 for %, %23 for #';

/**
 * Reads `postgresql://user:password@host:port/database?sslmode=...`, with libpq's meaning of `sslmode`: `verify-full` checks the
 * chain and the name, `verify-ca` the chain, `require` encrypts only, `disable` does not. Certificates are read when the URL is,
 * so that a changed certificate is taken up together with a changed URL.
 *
 * Throws an Error that says what to write instead; its message never holds the URL, which may carry a password.
 */
export function parseConnectionUrl(text: string): ConnectionSettings {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new Error(`not a URL. ${FORM}`);
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') {
    throw new Error(`must start with postgresql://, not ${url.protocol}//`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const database = decoded('database', url.pathname.replace(/^\//, ''));
  if (host === '') throw new Error('has no host');
  // Where one of these is in a password that begins with digits, what is before it reads as host and port.
  if (url.hash !== '' || (url.username === '' && text.includes('@')))
    throw new Error(`has a #, / or ? within user or password. ${FORM}`);
  if (url.username === '') throw new Error('has no user');
  if (database === '') throw new Error('has no database: end the address with /database');
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.has(name))
      throw new Error(
        `has the parameter "${name}", which the app does not know. It knows ${[...PARAMETERS].join(', ')}`,
      );
  }
  return {
    host,
    port: url.port === '' ? 26257 : Number(url.port),
    user: decoded('user', url.username),
    password: url.password === '' ? undefined : decoded('password', url.password),
    database,
    ssl: tlsOptions(host, url.searchParams),
  };
}

function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`has a % in the ${part} that is not the start of an encoded character. ${FORM}`);
  }
}

function tlsOptions(host: string, parameters: URLSearchParams): false | ConnectionOptions {
  const mode = parameters.get('sslmode');
  const file = (name: string): { [key: string]: string } => {
    const path = parameters.get(name);
    const key = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' }[name] as string;
    return path === null ? {} : { [key]: read(name, path) };
  };
  const options: ConnectionOptions = {
    ...file('sslrootcert'),
    ...file('sslcert'),
    ...file('sslkey'),
    minVersion: 'TLSv1.2',
  };
  switch (mode) {
    case 'verify-full':
      return {
        ...options,
        rejectUnauthorized: true,
        checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      };
    case 'verify-ca':
      return { ...options, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'require':
      // libpq's rule: with a root certificate at hand, `require` checks the chain.
      return options.ca === undefined
        ? { ...options, rejectUnauthorized: false }
        : { ...options, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'disable':
      return false;
    case null:
      if (isLoopback(host)) return false;
      throw new Error(
        'has no sslmode. Add ?sslmode=verify-full&sslrootcert=<file> (or sslmode=disable, if the connection may really be unencrypted)',
      );
    default:
      throw new Error(`has sslmode=${mode}. Use verify-full, verify-ca, require or disable`);
  }
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}
