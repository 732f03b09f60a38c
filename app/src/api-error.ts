import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An answer other than success, in the one form that every error of the API has: `{ error: { code, message } }`. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  /** For programs: stable, in snake case. */
  readonly code: string;

  constructor(status: ContentfulStatusCode, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get body() {
    return { error: { code: this.code, message: this.message } };
  }
}

/** See hosts.ts. */
export const unknownHost = () =>
  new ApiError(
    403,
    'unknown_host',
    'The app does not serve this host name, because a page of another site could have made it resolve to this address. Use localhost or an IP address, or add the name to APP_ALLOWED_HOSTS.',
  );
