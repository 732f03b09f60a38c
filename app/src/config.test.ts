import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const URLS = {
  APP_DB_WRITER_URL: 'postgresql://app_writer:s3cret@127.0.0.1:26257/evolution',
  APP_DB_READER_URL: 'postgresql://app_reader:s3cret@127.0.0.1:26257/evolution',
};

function refusal(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

describe('readConfig', () => {
  it('needs nothing but the two connections', () => {
    expect(readConfig(URLS)).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      selfUrl: undefined,
      controlToken: undefined,
      spike: { maxSeconds: 120, maxRps: 500 },
      witness: { rps: 4, allowanceSeconds: 15 },
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ ...URLS, APP_PROMETHEUS_URL: '', APP_PORT: '' })).toMatchObject({
      port: 8080,
      prometheusUrl: undefined,
    });
  });

  it('names every wrong setting at once', () => {
    const message = refusal({ ...URLS, APP_PORT: '99999', APP_LOG_LEVEL: 'loud', APP_SELF_URL: 'ftp://x' });
    expect(message).toContain('APP_PORT');
    expect(message).toContain('APP_LOG_LEVEL');
    expect(message).toContain('APP_SELF_URL');
  });

  it.each([
    ['APP_PORT', 'abc', 'must be a whole number from 0 to 65535, e.g. 8080'],
    ['APP_PORT', '99999', 'must be a whole number from 0 to 65535, e.g. 8080'],
    ['APP_POOL_SIZE', '1.5', 'must be a whole number from 1 to 500, e.g. 10'],
    ['APP_WITNESS_RPS', '0', 'must be a number from 0.1 to 100, e.g. 4'],
    ['APP_TRUST_PROXY', 'yes', 'must be one of true, false'],
    ['APP_LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
    ['APP_PROMETHEUS_URL', 'prometheus:9090', 'must be an http:// or https:// address'],
  ])('says of %s=%s what it must be, in its own words', (name, value, must) => {
    expect(refusal({ ...URLS, [name]: value })).toContain(`- ${name}: ${must}`);
  });

  it('takes names that it may be opened under, and nothing that is more than a name', () => {
    const allowed = (list: string) => readConfig({ ...URLS, APP_ALLOWED_HOSTS: list }).allowedHosts;
    expect(allowed('')).toEqual([]);
    expect(allowed('Demo.Example, app,10.0.0.1,')).toEqual(['demo.example', 'app', '10.0.0.1']);
    for (const wrong of ['https://demo.example', 'demo.example:8080', 'demo.example/', '*', 'a b', 'x,u@y'])
      expect(refusal({ ...URLS, APP_ALLOWED_HOSTS: wrong })).toMatch(
        /APP_ALLOWED_HOSTS: .* without scheme and port/,
      );
  });

  it('says how to write a connection that is missing', () => {
    expect(refusal({})).toMatch(/APP_DB_WRITER_URL: not set\..*postgresql:\/\//);
  });

  it('refuses a connection that is given twice', () => {
    expect(refusal({ ...URLS, APP_DB_READER_URL_FILE: '/x' })).toContain('are both set');
  });

  it('never repeats a connection URL that it refuses, as it may hold a password', () => {
    for (const url of [
      'postgresql://u:s3cret@db.example/evolution',
      'nonsense s3cret',
      'mysql://u:s3cret@h/d',
    ]) {
      expect(refusal({ ...URLS, APP_DB_WRITER_URL: url })).not.toContain('s3cret');
    }
  });

  it('reads a secret from a file, without the line end', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'config-')), 'token');
    writeFileSync(path, 'abc\n');
    expect(readConfig({ ...URLS, APP_CONTROL_TOKEN_FILE: path }).controlToken).toBe('abc');
  });

  it('does not run without its control token when the file is missing or empty', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'config-')), 'token');
    expect(refusal({ ...URLS, APP_CONTROL_TOKEN_FILE: path })).toContain('ENOENT');
    writeFileSync(path, '\n');
    expect(refusal({ ...URLS, APP_CONTROL_TOKEN_FILE: path })).toContain('is empty');
  });
});
