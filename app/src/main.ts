import { ConfigError, readConfig } from './config.ts';
import { forgetLibpqVariables } from './database/libpq.ts';
import { createLog } from './log.ts';

/** Everything must be over within this after SIGTERM, or Kubernetes ends the process. Milliseconds. */
const SHUTDOWN_MS = 9_000;

async function main(): Promise<void> {
  forgetLibpqVariables(process.env);
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  // Before anything that loads `pg` or opens a server, so that they can be traced.
  const stopTracing = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? (await import('./tracing.ts')).startTracing()
    : undefined;
  const { startService } = await import('./service.ts');
  const service = await startService(config, log);

  const stop = (signal: string) => {
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error('still busy when the time to stop was over; exiting');
      process.exit(1);
    }, SHUTDOWN_MS).unref();
    void service
      .stop()
      .then(() => stopTracing?.())
      .then(() => {
        log.info('stopped');
        process.exit(0);
      });
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(signal));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
