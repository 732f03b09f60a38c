import type { Logger } from 'pino';
import type { WitnessOptions } from '../witness/witness.ts';
import type { Timeline } from './timeline.ts';

/** Puts what the witness sees on the timeline and in the log. */
export function witnessMarks(
  timeline: Timeline,
  log: Logger,
): Required<Pick<WitnessOptions, 'onGap' | 'onLost'>> {
  const open = new Map<string, (label?: string, until?: number) => void>();
  return {
    onGap({ kind, startedAt, endedAt }) {
      if (endedAt === null) {
        open.set(kind, timeline.begin('gap', `no successful ${kind}`, startedAt));
        log.warn({ kind }, 'the witness has had no success for over a second');
        return;
      }
      const seconds = ((endedAt - startedAt) / 1000).toFixed(1);
      open.get(kind)?.(`no successful ${kind} for ${seconds} s`, endedAt);
      open.delete(kind);
      log.warn({ kind, seconds: Number(seconds) }, 'the witness succeeds again');
    },
    onLost(seqs) {
      timeline.mark(
        'lost',
        `${seqs.length} acknowledged ${seqs.length === 1 ? 'write is' : 'writes are'} lost`,
      );
      log.error({ lost: seqs.length }, 'acknowledged writes are missing from the database');
    },
  };
}
