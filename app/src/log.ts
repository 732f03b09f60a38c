import { type Logger, pino, stdSerializers } from 'pino';

/** JSON lines on standard output. What looks like a secret is not written, wherever it stands. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['password', 'token', 'authorization', '*.password', '*.token', '*.authorization', '*.headers'],
    serializers: { err: (error: Error) => withoutSecrets(stdSerializers.err(error)) },
  });
}

/** A connection URL can be part of an error's text; its password must not be part of the log. */
function withoutSecrets<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replace(/(\w+:\/\/[^:/@\s"]+):[^@\s"]+@/g, '$1:***@'));
}
