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
    'The app is not served under this name, as a page of another site could have let it resolve to here. Use localhost or an address, or add the name to APP_ALLOWED_HOSTS.',
  );
