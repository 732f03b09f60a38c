import type { GapMetrics, WitnessPeriod, WitnessState } from '../contract.ts';
import { Ledger, type Verdicts } from './ledger.ts';
import { Stream } from './stream.ts';

/** What the witness asks of the database. Each call rejects when it fails; none may hang for ever. */
export interface WitnessDatabase {
  /** Resolves when the write of this number is acknowledged. */
  write(seq: number): Promise<void>;
  /** Which of these numbers the reader has. */
  readFromReader(seqs: readonly number[]): Promise<number[]>;
  /** Which of these numbers the writer has. */
  readFromWriter(seqs: readonly number[]): Promise<number[]>;
  /** Removes this run's rows below a number: they were confirmed and are no longer needed. */
  removeBelow(seq: number): Promise<void>;
}

export interface WitnessOptions {
  readonly database: WitnessDatabase;
  /** Writes a second, and as many reads. */
  readonly rps: number;
  /** How old a reader's answer may be. */
  readonly allowanceMs: number;
  readonly onOperation?: (kind: 'write' | 'read', result: 'ok' | 'failed') => void;
  /** A gap of over a second began or ended; `id` is the same for both. */
  readonly onGap?: (gap: { kind: 'write' | 'read'; startedAt: number; endedAt: number | null }) => void;
  readonly onLost?: (seqs: readonly number[]) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** A gap longer than this is worth a mark on the timeline. Milliseconds. */
const NOTABLE_GAP_MS = 1000;
/** A machine that is busy makes gaps of a second; this and two operations more is the database. Milliseconds. */
const SILENCE_MS = 1500;
/** Operations of one kind that may be in progress; an outage must not pile them up. */
const MOST_IN_PROGRESS = 16;
/** Number of writes that each read looks for. */
const READ_SPAN = 100;
/** How long every acknowledged write is kept, and looked for again. */
const KEEP_MS = 10 * 60_000;
const AUDIT_EVERY_MS = 10_000;

/**
 * The proof that the database serves and keeps what it acknowledged: a small, steady stream of writes and reads from start to end.
 * It is open loop: a slow or absent database does not slow it down.
 */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #now: () => number;
  readonly #ledger: Ledger;
  readonly #streams = { write: new Stream(), read: new Stream() };
  readonly #inProgress = { write: 0, read: 0 };
  readonly #openGaps = new Map<'write' | 'read', number>();
  readonly #timers: NodeJS.Timeout[] = [];
  #auditing: Promise<void> | undefined;
  #judging = false;
  #seq = 0;
  #periodStart: Verdicts;
  #gapSince = Date.now();

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#ledger = new Ledger(options.allowanceMs);
    this.#periodStart = this.#ledger.verdicts;
  }

  start(): void {
    const every = 1000 / this.#options.rps;
    this.#timers.push(
      setInterval(() => void this.write(), every),
      setInterval(() => void this.read(), every),
      setInterval(() => void this.audit(), AUDIT_EVERY_MS),
    );
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** One write. Never rejects. */
  async write(): Promise<void> {
    this.#seq += 1;
    const seq = this.#seq;
    await this.#operate('write', async () => {
      await this.#options.database.write(seq);
      return () => this.#ledger.acknowledged(seq, this.#now());
    });
  }

  /** One read of the newest writes through the reader. Never rejects. */
  async read(): Promise<void> {
    const askedAt = this.#now();
    const asked = this.#ledger.toRead(askedAt, READ_SPAN);
    await this.#operate('read', async () => {
      const found = await this.#options.database.readFromReader(asked);
      return () => this.#ledger.readerAnswered(asked, found, askedAt);
    });
    await this.#judge();
  }

  /** Asks the writer for every acknowledged write that is kept, and lets go of the old ones. Never rejects. */
  audit(): Promise<void> {
    this.#auditing ??= this.#audit().finally(() => {
      this.#auditing = undefined;
    });
    return this.#auditing;
  }

  get state(): WitnessState {
    const now = this.#now();
    return {
      writes: this.#streams.write.report(now),
      reads: this.#streams.read.report(now),
      ...this.#ledger.verdicts,
    };
  }

  /** The values since `startPeriod`. */
  get period(): { writes: WitnessPeriod; reads: WitnessPeriod } & Omit<Verdicts, 'unconfirmed'> {
    const now = this.#now();
    const { confirmed, lost, duplicated, stale } = this.#ledger.verdicts;
    return {
      writes: this.#streams.write.period(now),
      reads: this.#streams.read.period(now),
      confirmed: confirmed - this.#periodStart.confirmed,
      lost: lost - this.#periodStart.lost,
      duplicated: duplicated - this.#periodStart.duplicated,
      stale: stale - this.#periodStart.stale,
    };
  }

  startPeriod(): void {
    this.#streams.write.startPeriod();
    this.#streams.read.startPeriod();
    this.#periodStart = this.#ledger.verdicts;
    this.#gapSince = Date.now();
  }

  /** The longest gap since the period began, or since `restartGap`, which changes nothing else. */
  get gap(): GapMetrics {
    const now = this.#now();
    return {
      since: this.#gapSince,
      writesMs: this.#streams.write.shownGap(now),
      readsMs: this.#streams.read.shownGap(now),
    };
  }

  restartGap(): void {
    this.#streams.write.restartGap();
    this.#streams.read.restartGap();
    this.#gapSince = Date.now();
  }

  /** How long the database has not answered such operations: 0 while it does, null when it never has. Milliseconds. */
  silence(kind: 'write' | 'read'): number | null {
    const stream = this.#streams[kind];
    if (stream.neverAnswered) return null;
    const gap = stream.currentGap(this.#now());
    return gap < SILENCE_MS + 2 * (1000 / this.#options.rps) ? 0 : Math.round(gap);
  }

  /** Runs one operation and counts it; what its answer means is applied in the same turn as its success. */
  async #operate(kind: 'write' | 'read', operation: () => Promise<() => void>): Promise<void> {
    this.#noticeGap(kind);
    if (this.#inProgress[kind] >= MOST_IN_PROGRESS) return;
    this.#inProgress[kind] += 1;
    try {
      const apply = await operation();
      this.#noticeGap(kind);
      this.#endGap(kind, this.#streams[kind].succeeded(this.#now()));
      apply();
      this.#options.onOperation?.(kind, 'ok');
    } catch {
      this.#streams[kind].failed();
      this.#options.onOperation?.(kind, 'failed');
    } finally {
      this.#inProgress[kind] -= 1;
    }
  }

  async #audit(): Promise<void> {
    const kept = [...this.#ledger.kept];
    if (kept.length === 0 || !(await this.#ask(kept))) return;
    const below = this.#ledger.forgetBefore(this.#now() - KEEP_MS);
    if (below > (kept[0] ?? 0)) await this.#options.database.removeBelow(below).catch(() => {});
  }

  /** Asks the writer for what the reader should have had and did not; once at a time, so that one stale read counts once. */
  async #judge(): Promise<void> {
    if (this.#judging || this.#ledger.suspects.length === 0) return;
    this.#judging = true;
    await this.#ask(this.#ledger.suspects);
    this.#judging = false;
  }

  /** True when the writer answered. What it does not answer stays to be asked. */
  async #ask(seqs: readonly number[]): Promise<boolean> {
    try {
      const lost = this.#ledger.writerAnswered(seqs, await this.#options.database.readFromWriter(seqs));
      if (lost.length > 0) this.#options.onLost?.(lost);
      return true;
    } catch {
      return false;
    }
  }

  #noticeGap(kind: 'write' | 'read'): void {
    const gap = this.#streams[kind].currentGap(this.#now());
    if (gap < NOTABLE_GAP_MS || this.#openGaps.has(kind)) return;
    const startedAt = Date.now() - gap;
    this.#openGaps.set(kind, startedAt);
    this.#options.onGap?.({ kind, startedAt, endedAt: null });
  }

  #endGap(kind: 'write' | 'read', length: number): void {
    const startedAt = this.#openGaps.get(kind);
    if (startedAt === undefined) return;
    this.#openGaps.delete(kind);
    // Not the wall clock again: it may have been set meanwhile.
    this.#options.onGap?.({ kind, startedAt, endedAt: startedAt + length });
  }
}
