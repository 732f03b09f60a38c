import { readdirSync, readFileSync, statSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../machine/scratch.ts';
import { Database } from './database.ts';
import { Postgres } from './postgres.ts';

const scratch = new Scratch();
let postgres: Postgres;
let database: Database;

beforeAll(async () => {
  postgres = await Postgres.create(scratch.path('postgres'));
  await postgres.start();
  database = new Database(postgres, scratch.path('credentials'));
  await database.apply('00-bootstrap.sql');
  await database.setPassword('app_writer');
});

afterAll(async () => {
  await postgres?.stop('immediate');
  scratch.remove();
});

const whoAmI = async (url: string) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT current_user AS user, current_database() AS database');
  await client.end();
  return rows[0];
};

describe('credentials', () => {
  it('are files of one URL each, which nobody else can read', async () => {
    for (const connection of ['writer', 'reader'] as const) {
      database.writeUrl(connection, 'app_writer');
      database.writeUrl(connection, 'app_writer');
      const file = database.urlFile(connection);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(await whoAmI(readFileSync(file, 'utf8').trim())).toEqual({
        user: 'app_writer',
        database: 'evolution',
      });
    }
    expect(readdirSync(scratch.path('credentials')).sort()).toEqual(['reader-url', 'writer-url']);
  });

  it('need the password', async () => {
    await expect(postgres.connect('evolution', 'app_writer', 'wrong')).rejects.toThrow(
      'password authentication failed',
    );
  });
});

it('tells what the database refused, and that it did not', async () => {
  expect(await database.refusal('app_writer', 'SELECT 1', 'DELETE FROM search_terms')).toBe(
    'ERROR: permission denied for table search_terms (SQLSTATE 42501)',
  );
  expect(await database.refusal('app_writer', 'SELECT * FROM search_terms')).toBeNull();
});

describe('the server', () => {
  it('listens on 127.0.0.1 only, and compares text byte by byte', async () => {
    const client = await postgres.connect('evolution');
    const one = async (sql: string) => Object.values((await client.query(sql)).rows[0])[0];
    expect(await one('SHOW listen_addresses')).toBe('127.0.0.1');
    expect(await one('SHOW unix_socket_directories')).toBe('');
    expect(await one("SELECT 'a b' < 'aa' AND 'Z' < 'a'")).toBe(true);
    expect(await one('SHOW server_encoding')).toBe('UTF8');
    await client.end();
  });

  it('comes back on the same port after a crash, with what it had acknowledged', async () => {
    const before = postgres.port;
    const client = await postgres.connect('evolution');
    await client.query("INSERT INTO search_terms VALUES ('crash', 1)");
    await postgres.stop('immediate');
    expect(postgres.pid).toBeNull();
    await expect(postgres.connect('evolution')).rejects.toThrow('PostgreSQL: it accepted no connection');
    await postgres.start();
    expect(postgres.port).toBe(before);
    const again = await postgres.connect('evolution');
    expect((await again.query("SELECT term FROM search_terms WHERE term = 'crash'")).rowCount).toBe(1);
    await again.end();
  });
});
