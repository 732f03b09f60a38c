import { Hono } from 'hono';
import { z } from 'zod';
import type { Connection, Statement } from '../database/connection.ts';
import { isPlainText, parameter, text, valid } from '../input.ts';

/** A range of the primary key, so that no character of the query is special, as `%` would be in LIKE. */
export const SEARCH: Statement = {
  name: 'search',
  text: 'SELECT term, popularity FROM search_terms WHERE term >= $1 AND term < $2 ORDER BY term LIMIT 10',
};

/** Greater, in UTF-8, than any character that a term has. */
const LAST_CHARACTER = '\u{10FFFF}';

const MOST = 64;
const QUERY = z.object({ q: z.preprocess((value) => String(value ?? '').trim(), text(MOST)) });

/** Up to ten terms that begin with `q`, through the reader. */
export type Search = (q: string | undefined) => Promise<{ readonly terms: readonly unknown[] }>;

export function searches(options: { reader: Connection }): Search {
  return async (written) => {
    const q = isPlainText(written, MOST) ? written : valid(QUERY, { q: written }).q;
    const prefix = q.normalize('NFC').toLowerCase();
    return { terms: await options.reader.query(SEARCH, [prefix, `${prefix}${LAST_CHARACTER}`]) };
  };
}

/** `GET /search?q=`. */
export function searchRoute(search: Search) {
  return new Hono().get('/', async (c) => c.json(await search(parameter(c, 'q'))));
}
