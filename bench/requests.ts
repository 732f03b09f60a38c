/** The two requests of the benchmarks, as autocannon and fetch take them. */
export const REQUESTS = {
  '/search': { method: 'GET', path: '/search?q=ac' },
  '/login': {
    method: 'POST',
    path: '/login',
    body: '{"userId":"ada"}',
    headers: { 'content-type': 'application/json' },
  },
} as const;

export type Route = keyof typeof REQUESTS;
export const ROUTES = Object.keys(REQUESTS) as Route[];
