import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { ApiError } from '../api-error.ts';
import { DatabaseError } from '../database/errors.ts';

export interface ErrorAnswer {
  readonly status: ContentfulStatusCode;
  readonly body: ApiError['body'];
  readonly headers: Readonly<Record<string, string>>;
}

/** What a request that failed is answered with. Only the log learns of what is wrong inside. */
export function answerTo(error: unknown, path: string, log: Logger): ErrorAnswer {
  if (error instanceof ApiError) return { status: error.status, body: error.body, headers: {} };
  if (error instanceof DatabaseError) {
    const { status, body } = new ApiError(503, 'database_unavailable', error.message);
    return { status, body, headers: { 'retry-after': '1' } };
  }
  log.error({ err: error, path }, 'a request failed');
  const { status, body } = new ApiError(500, 'internal', 'The app failed to answer. Its log says why.');
  return { status, body, headers: {} };
}
