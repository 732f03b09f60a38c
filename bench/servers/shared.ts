// What the rivals of the app have in common. They get its statements by environment, so that all servers send the same ones.
import { createHmac } from 'node:crypto';
import pg from 'pg';

const needed = (name: string): string => {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: start this server by npm run bench -- servers`);
  return value;
};

// As the app: an INT8 is a number in the answer, not text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export const pool = (connection: 'WRITER' | 'READER', more: pg.PoolConfig = {}) =>
  new pg.Pool({
    connectionString: needed(`APP_DB_${connection}_URL`),
    max: Number(needed('APP_POOL_SIZE')),
    ...more,
  });

/** With a name, `pg` prepares a statement once a connection, as the app does. */
export const INSERT_LOGIN = { name: 'insert_login', text: needed('BENCH_INSERT_LOGIN') };
export const SEARCH = { name: 'search', text: needed('BENCH_SEARCH') };

export const hash = (value: string) =>
  createHmac('sha256', needed('APP_HASH_KEY')).update(value).digest('hex').slice(0, 32);

export const PORT = Number(needed('APP_PORT'));
