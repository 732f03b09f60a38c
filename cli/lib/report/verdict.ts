/** The verdicts on what the app and its witness counted, in the same words in every report. */

/** Counts that must be 0 at all times, even while a node is down. */
export function losses({
  lost,
  duplicated,
}: {
  readonly lost: number;
  readonly duplicated: number;
}): string[] {
  return [
    ...(lost > 0 ? [`${acknowledged(lost)} lost`] : []),
    ...(duplicated > 0 ? [`${acknowledged(duplicated)} stored more than once`] : []),
  ];
}

/** Counts that must be 0 in a step, which takes no node down. `what`: for example `requests`. */
export function failures(what: string, { sent, failed }: { readonly sent: number; readonly failed: number }) {
  return failed > 0 ? [`${failed} of ${sent} ${what} failed`] : [];
}

/** Without writes of the witness, a loss would go unnoticed. */
export const NO_PROOF = 'the witness wrote nothing, so there is no proof that nothing was lost';

function acknowledged(count: number): string {
  return count === 1 ? '1 acknowledged write is' : `${count} acknowledged writes are`;
}
