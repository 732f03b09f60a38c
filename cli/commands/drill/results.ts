import type { PeriodReport } from '../../../app/src/contract.ts';

/** What the app saw during a drill. Gaps in seconds, between two successes of the witness. */
export interface DrillResults {
  readonly longestWriteGap: number;
  readonly longestReadGap: number;
  /** Of the witness, and the requests that the app answered with 5xx. */
  readonly failed: { readonly witness: number; readonly requests: number };
  readonly sent: { readonly witness: number; readonly requests: number };
  readonly lost: number;
  readonly duplicated: number;
  /** From the act until every node was live and every range had its copies again, in seconds. */
  readonly recovered: number;
}

/** The results of the period that began with the drill's own mark. */
export function resultsOf({ witness, requests }: PeriodReport, recovered: number): DrillResults {
  const routes = Object.values(requests);
  const seconds = (ms: number) => Math.round(ms) / 1000;
  return {
    longestWriteGap: seconds(witness.writes.longestGapMs),
    longestReadGap: seconds(witness.reads.longestGapMs),
    failed: {
      witness: witness.writes.failed + witness.reads.failed,
      requests: routes.reduce((sum, route) => sum + route.errors, 0),
    },
    sent: {
      witness: witness.writes.sent + witness.reads.sent,
      requests: routes.reduce((sum, route) => sum + route.requests, 0),
    },
    lost: witness.lost,
    duplicated: witness.duplicated,
    recovered,
  };
}

/** The rows of a table, in words. */
export function resultRows(results: DrillResults): [string, string][] {
  const of = (failed: number, sent: number) => `${failed} of ${sent}`;
  return [
    ['longest gap between two writes', `${results.longestWriteGap.toFixed(2)} s`],
    ['longest gap between two reads', `${results.longestReadGap.toFixed(2)} s`],
    ['failed writes and reads of the witness', of(results.failed.witness, results.sent.witness)],
    ['failed requests of the app', of(results.failed.requests, results.sent.requests)],
    ['acknowledged writes lost', String(results.lost)],
    ['acknowledged writes there twice', String(results.duplicated)],
    ['whole again after', `${results.recovered.toFixed(0)} s`],
  ];
}
