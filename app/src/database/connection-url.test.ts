import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from './connection-url.ts';

describe('parseConnectionUrl', () => {
  it('reads every part, percent-decoded', () => {
    expect(
      parseConnectionUrl('postgresql://app%40x:p%3Aw%2F@crdb-writer:26000/evo%20lution?sslmode=disable'),
    ).toEqual({
      host: 'crdb-writer',
      port: 26000,
      user: 'app@x',
      password: 'p:w/',
      database: 'evo lution',
      ssl: false,
    });
  });

  it('takes CockroachDB’s port when none is given, and an IPv6 address', () => {
    expect(parseConnectionUrl('postgres://u@[::1]/d')).toMatchObject({
      host: '::1',
      port: 26257,
      password: undefined,
    });
  });

  it('goes unencrypted only on loopback, or when told to', () => {
    expect(parseConnectionUrl('postgresql://u@127.0.0.1/d').ssl).toBe(false);
    expect(() => parseConnectionUrl('postgresql://u@db/d')).toThrow(/no sslmode.*verify-full/);
  });

  it.each([
    ['verify-full', true],
    ['verify-ca', true],
    ['require', false],
  ])('checks the chain as libpq does with sslmode=%s', (mode, checks) => {
    expect(parseConnectionUrl(`postgresql://u@db/d?sslmode=${mode}`).ssl).toMatchObject({
      rejectUnauthorized: checks,
    });
  });

  it.each([
    ['postgresql://u@db/d?sslmode=prefer', /sslmode=prefer/],
    [
      'postgresql://u@db/d?sslmode=verify-full&sslrootcert=/nowhere/ca.crt',
      /cannot read \/nowhere\/ca.crt \(ENOENT\)/,
    ],
    ['postgresql://u@db/d?target_session_attrs=any', /target_session_attrs/],
    ['postgresql://db/d', /no user/],
    ['postgresql://u@db', /no database/],
    ['https://u@db/d', /must start with postgresql/],
    ['u@db', /not a URL/],
    ['postgresql://u:100%@db/d', /% in the password.*percent-encoded, e\.g\. %25 for %/],
    ['postgresql://u:%zz@db/d', /% in the password.*percent-encoded/],
    ['postgresql://u:%ff@db/d', /% in the password.*percent-encoded/],
    ['postgresql://100%:p@db/d', /% in the user.*percent-encoded/],
    ['postgresql://u:p@db/100%', /% in the database.*percent-encoded/],
    ...['#', '/', '?'].flatMap((character): [string, RegExp][] => [
      [`postgresql://u:p${character}w@db/d`, /not a URL.*percent-encoded/],
      [`postgresql://u:1${character}2@db/d`, /#, \/ or \? within user or password.*percent-encoded/],
    ]),
    ['postgresql://u:p@db/d?sslmode=disable#w', /#, \/ or \? within user or password/],
  ])('refuses %s and says why', (url, reason) => {
    expect(() => parseConnectionUrl(url)).toThrow(reason);
  });

  it.each(['100%', '%zz', '1#2', 'a/b', '1?2', ' %41+@:[]\\|^', 'é😀'])(
    'reads the password %j when it is encoded',
    (password) => {
      const url = `postgresql://u:${encodeURIComponent(password)}@db/d?sslmode=disable`;
      expect(parseConnectionUrl(url)).toMatchObject({ host: 'db', user: 'u', password, database: 'd' });
    },
  );
});
