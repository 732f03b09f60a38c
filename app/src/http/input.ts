import type { Context } from 'hono';
import { z } from 'zod';
import { ApiError } from './errors.ts';
import { requestHeader } from './node-request.ts';

/** Text that a database can store and a person can read: no control characters (NUL among them), no halves of characters. */
export const text = (most: number) =>
  z
    .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
    .min(1, 'is empty')
    .max(most, `is longer than ${most} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has control characters or broken Unicode');

const MOST_BODY_BYTES = 16 * 1024;

/** The JSON body, or undefined when there is none. 411, 413 or 415 for one of no, too great a length or another type, 400 for no JSON. */
export async function jsonBody(c: Context): Promise<unknown> {
  const length = requestHeader(c, 'content-length');
  if (length === undefined && requestHeader(c, 'transfer-encoding') !== undefined) {
    throw new ApiError(411, 'length_required', 'Send the body with a Content-Length.');
  }
  // Node reads no more than the length that the header says.
  if (Number(length ?? 0) > MOST_BODY_BYTES) {
    throw new ApiError(413, 'body_too_large', `The body is larger than ${MOST_BODY_BYTES} bytes.`);
  }
  const body = await c.req.text().catch(() => {
    // Whoever left in the middle will not read this; it is counted as a mistake of theirs.
    throw new ApiError(400, 'incomplete_body', 'The connection ended before the body did.');
  });
  if (body === '') return undefined;
  // A page of another site can send a form without asking first, but not JSON.
  if (!/^application\/json\b/i.test(requestHeader(c, 'content-type') ?? '')) {
    throw new ApiError(415, 'unsupported_media_type', 'Send the body with Content-Type: application/json.');
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(400, 'bad_json', 'The body is not JSON.');
  }
}

/** The value in the schema's form. 400 that names each wrong field otherwise. */
export function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new ApiError(
    400,
    'bad_request',
    parsed.error.issues.map((i) => `${i.path.join('.') || 'body'}: ${i.message}`).join('; '),
  );
}
