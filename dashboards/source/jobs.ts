/** The scrape jobs that dashboards and alerts rely on. components/prometheus-config.ts names them so; a test compares. */
export const JOBS = { database: 'cockroachdb', app: 'sample-app', load: 'workload' } as const;
export type Job = (typeof JOBS)[keyof typeof JOBS];
