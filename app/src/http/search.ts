import { Hono } from 'hono';
import { z } from 'zod';
import type { Connection, Statement } from '../database/connection.ts';
import { parameter, text, valid } from '../input.ts';

/** A range of the primary key, so that no character of the query is special, as `%` would be in LIKE. */
export const SEARCH: Statement = {
  name: 'search',
  text: 'SELECT term, popularity FROM search_terms WHERE term >= $1 AND term < $2 ORDER BY term LIMIT 10',
};

/** Greater, in UTF-8, than any character that a term has. */
const LAST_CHARACTER = '\u{10FFFF}';

const QUERY = z.object({ q: z.preprocess((value) => String(value ?? '').trim(), text(64)) });

/** `GET /search?q=`: up to ten terms that begin with `q`, through the reader. */
export function searchRoute(options: { reader: Connection }) {
  return new Hono().get('/', async (c) => {
    const { q } = valid(QUERY, { q: parameter(c, 'q') });
    const prefix = q.normalize('NFC').toLowerCase();
    const terms = await options.reader.query(SEARCH, [prefix, `${prefix}${LAST_CHARACTER}`]);
    return c.json({ terms });
  });
}
