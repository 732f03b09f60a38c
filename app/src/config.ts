import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseConnectionUrl } from './database/connection-url.ts';
import type { Source } from './database/credentials.ts';
import { hostname } from './hosts.ts';
import { plain } from './plain.ts';

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Names that the app may be opened under, besides loopback's and addresses: see http/hosts.ts. */
  readonly allowedHosts: readonly string[];
  /** Where the spike and the load send their requests: e.g. the Service in front of the app. When absent, the address that the app listens on. */
  readonly selfUrl: string | undefined;
  readonly trustProxy: boolean;
  readonly logLevel: string;
  readonly database: { readonly writer: Source; readonly reader: Source; readonly poolSize: number };
  /** When set, commands and `POST /spike` need it. */
  readonly controlToken: string | undefined;
  /** Key of the hashes of IP addresses and user agents. When absent, one is made at start, and hashes of two runs do not compare. */
  readonly hashKey: string | undefined;
  readonly spike: { readonly maxSeconds: number; readonly maxRps: number };
  readonly load: { readonly readerRps: number; readonly writerRps: number; readonly autostart: boolean };
  readonly witness: { readonly rps: number; readonly allowanceSeconds: number };
  readonly prometheusUrl: string | undefined;
}

/** A setting that is missing or wrong. The message names the variable, what is wrong, and never the value of a secret. */
export class ConfigError extends Error {}

const integer = (low: number, high: number, fallback: number) => {
  const must = `must be a whole number from ${low} to ${high}, e.g. ${fallback}`;
  return z.coerce.number(must).int(must).min(low, must).max(high, must).default(fallback);
};
const rate = (fallback: number, high = 10_000) => {
  const must = `must be a number from 0.1 to ${high}, e.g. ${fallback}`;
  return z.coerce.number(must).min(0.1, must).max(high, must).default(fallback);
};
const flag = z.enum(['true', 'false']).default('false');
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });

const hostNames = z
  .string()
  .default('')
  .transform((list) => list.split(',').map((name) => name.trim().toLowerCase()))
  .transform((names) => names.filter((name) => name !== ''))
  .refine(
    (names) => names.every((name) => /^[\w.:[\]-]+$/.test(name) && hostname(name) === name),
    'must be host names without scheme and port, separated by commas, e.g. demo.example,demo.internal',
  );

const SETTINGS = z.object({
  APP_HOST: z.string().min(1).default('0.0.0.0'),
  APP_PORT: integer(0, 65_535, 8080),
  APP_ALLOWED_HOSTS: hostNames,
  APP_SELF_URL: httpUrl.optional(),
  APP_TRUST_PROXY: flag,
  APP_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  APP_POOL_SIZE: integer(1, 500, 10),
  APP_SPIKE_MAX_SECONDS: integer(1, 3600, 120),
  APP_SPIKE_MAX_RPS: integer(1, 10_000, 500),
  APP_LOAD_READER_RPS: rate(20),
  APP_LOAD_WRITER_RPS: rate(5),
  APP_LOAD_AUTOSTART: flag,
  APP_WITNESS_RPS: rate(4, 100),
  APP_WITNESS_ALLOWANCE_SECONDS: integer(1, 300, 15),
  APP_PROMETHEUS_URL: httpUrl.optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings from the environment. Throws a ConfigError that lists every wrong one. */
export function readConfig(environment: Environment): Config {
  // An empty variable counts as one that is not set: a manifest's `value: ""` means just that.
  const env = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = SETTINGS.safeParse(env, { error: plain });
  const problems = parsed.success ? [] : parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`);
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push((error as Error).message);
      return undefined;
    }
  };
  const writer = attempt(() => connectionSource('APP_DB_WRITER_URL', env));
  const reader = attempt(() => connectionSource('APP_DB_READER_URL', env));
  const controlToken = attempt(() => secret('APP_CONTROL_TOKEN', env));
  const hashKey = attempt(() => secret('APP_HASH_KEY', env));
  if (!parsed.success || !writer || !reader || problems.length > 0) {
    throw new ConfigError(`The app cannot start:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
  const s = parsed.data;
  return {
    host: s.APP_HOST,
    port: s.APP_PORT,
    allowedHosts: s.APP_ALLOWED_HOSTS,
    selfUrl: s.APP_SELF_URL,
    trustProxy: s.APP_TRUST_PROXY === 'true',
    logLevel: s.APP_LOG_LEVEL,
    database: { writer, reader, poolSize: s.APP_POOL_SIZE },
    controlToken,
    hashKey,
    spike: { maxSeconds: s.APP_SPIKE_MAX_SECONDS, maxRps: s.APP_SPIKE_MAX_RPS },
    load: {
      readerRps: s.APP_LOAD_READER_RPS,
      writerRps: s.APP_LOAD_WRITER_RPS,
      autostart: s.APP_LOAD_AUTOSTART === 'true',
    },
    witness: { rps: s.APP_WITNESS_RPS, allowanceSeconds: s.APP_WITNESS_ALLOWANCE_SECONDS },
    prometheusUrl: s.APP_PROMETHEUS_URL?.replace(/\/+$/, ''),
  };
}

function connectionSource(name: string, env: Environment): Source {
  const value = env[name];
  const path = env[`${name}_FILE`];
  if (value !== undefined && path !== undefined)
    throw new ConfigError(`${name} and ${name}_FILE are both set: set one of them`);
  if (path !== undefined) return { kind: 'file', path };
  if (value === undefined) {
    throw new ConfigError(
      `${name}: not set. Set it, or ${name}_FILE, e.g. postgresql://user:password@host:26257/evolution?sslmode=verify-full&sslrootcert=/certs/ca.crt`,
    );
  }
  try {
    parseConnectionUrl(value);
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message}`);
  }
  return { kind: 'value', value };
}

function secret(name: string, env: Environment): string | undefined {
  const path = env[`${name}_FILE`];
  if (path === undefined) return env[name];
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`${name}_FILE: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (text === '') throw new ConfigError(`${name}_FILE: ${path} is empty`);
  return text;
}
