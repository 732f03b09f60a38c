import { existsSync } from 'node:fs';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { ApiError } from '../api-error.ts';

/**
 * The page and its assets, from the folder that the build filled, compressed files among them (ui/vite.config.ts). Assets have their hash in
 * their name, so they may be kept.
 */
export function pageRoutes(folder: string): Hono {
  const routes = new Hono();
  if (!existsSync(`${folder}/index.html`)) {
    return routes.get('/', () => {
      throw new ApiError(
        503,
        'page_not_built',
        'The page is not built. Run npm run build, then restart the app.',
      );
    });
  }
  const files = (policy: string, path?: string) =>
    serveStatic({
      root: folder,
      ...(path === undefined ? {} : { path }),
      precompressed: true,
      onFound: (_path, c) => c.header('Cache-Control', policy),
    });
  return routes
    .get('/', etag(), files('no-cache', 'index.html'))
    .get('/favicon.svg', etag(), files('no-cache'))
    .get('/assets/*', etag(), files('public, max-age=31536000, immutable'));
}
