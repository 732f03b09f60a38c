import { existsSync } from 'node:fs';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { ApiError } from './errors.ts';

/** The page and its assets, from the folder that the build filled. Assets have their hash in their name, so they may be kept. */
export function pageRoutes(folder: string): Hono {
  const routes = new Hono();
  if (!existsSync(`${folder}/index.html`)) {
    return routes.get('/', () => {
      throw new ApiError(
        503,
        'page_not_built',
        'The page is not built. Run npm run build, then start the app again.',
      );
    });
  }
  return routes
    .get('/', serveStatic({ root: folder, path: 'index.html', onFound: cache('no-cache') }))
    .get('/favicon.svg', serveStatic({ root: folder, onFound: cache('no-cache') }))
    .get('/assets/*', serveStatic({ root: folder, onFound: cache('public, max-age=31536000, immutable') }));
}

function cache(policy: string) {
  return (_path: string, c: Context) => c.header('Cache-Control', policy);
}
