import { describe, expect, it } from 'vitest';
import { breaksConnection, errorCode, isTransient } from './errors.ts';

const failure = (code?: string, message = '') =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('errors of the database', () => {
  it.each([
    [failure('40001', 'restart transaction'), '40001'],
    [failure('ECONNRESET'), 'ECONNRESET'],
    [failure(undefined, 'Connection terminated unexpectedly'), 'ECONNRESET'],
    [failure(undefined, 'timeout exceeded when trying to connect'), 'TIMEOUT'],
    [failure(undefined, 'Query read timeout'), 'TIMEOUT'],
    [failure(undefined, 'something else'), 'UNKNOWN'],
    [failure('a code with a secret in it'), 'UNKNOWN'],
    [undefined, 'UNKNOWN'],
  ])('have a code that is fit for a label: %s', (error, code) => {
    expect(errorCode(error)).toBe(code);
  });

  it.each([
    '40001',
    '40P01',
    '57P01',
    '08006',
    '08003',
    'ECONNRESET',
    'ECONNREFUSED',
    'EPIPE',
    'TIMEOUT',
    '28P01',
  ])('%s may pass', (code) => {
    expect(isTransient(code)).toBe(true);
  });

  it.each([
    '42501',
    '42P01',
    '23505',
    '22021',
    'UNKNOWN',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ])('%s will not pass by itself', (code) => {
    expect(isTransient(code)).toBe(false);
  });

  it('a refused statement leaves the connection usable, a broken or silent one does not', () => {
    expect(['42501', '40001', '23505'].map(breaksConnection)).toEqual([false, false, false]);
    expect(['57P01', '08006', 'ECONNRESET', 'TIMEOUT'].map(breaksConnection)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});
