/**
 * Asked with new credentials before requests move to them: a table of the app, because a user may log in before its grants are seen.
 * With CockroachDB's follower reads, a session looks about 5 s back. What the app reads is granted in one statement.
 */
export const TRY = 'SELECT 1 FROM search_terms LIMIT 1';

/** No privilege; no such table. */
const UNSEEN_GRANTS = new Set(['42501', '42P01']);
const SEEN_AFTER_MS = 20_000;

/** Why requests stay on the old credentials: `problem` came after `ms` milliseconds of tries. */
export function whyNotMoved(
  problem: string,
  ms: number,
): { readonly text: string; readonly passes: boolean } {
  return UNSEEN_GRANTS.has(problem) && ms < SEEN_AFTER_MS
    ? { text: `waiting until the grants of the new credentials take effect (${problem})`, passes: true }
    : { text: `new credentials do not work: ${problem}`, passes: false };
}
