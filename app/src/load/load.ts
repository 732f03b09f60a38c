import type { LoadState } from '../contract.ts';
import { loginCall, searchCall } from './calls.ts';
import type { Call, HttpClient } from './http-client.ts';
import { Pacer } from './pacer.ts';

/** Requests of the load that may be in progress; what is due beyond that is not sent. */
const MOST_IN_PROGRESS = 200;

/** The steady background load: readers that search and writers that log in, each at its own rate, until stopped. */
export class Load {
  readonly #client: HttpClient;
  readonly #rates: { readonly readerRps: number; readonly writerRps: number };
  #readers: Pacer | undefined;
  #writers: Pacer | undefined;
  #inProgress = 0;

  constructor(client: HttpClient, rates: { readonly readerRps: number; readonly writerRps: number }) {
    this.#client = client;
    this.#rates = rates;
  }

  get state(): LoadState {
    const { readerRps, writerRps } = this.#rates;
    return {
      readers: this.#readers !== undefined,
      writers: this.#writers !== undefined,
      readerRps,
      writerRps,
    };
  }

  startReaders(): void {
    this.#readers ??= this.#pace(this.#rates.readerRps, searchCall);
  }

  stopReaders(): void {
    this.#readers?.stop();
    this.#readers = undefined;
  }

  startWriters(): void {
    this.#writers ??= this.#pace(this.#rates.writerRps, loginCall);
  }

  stopWriters(): void {
    this.#writers?.stop();
    this.#writers = undefined;
  }

  #pace(rps: number, call: () => Call): Pacer {
    return new Pacer({ rps, seconds: Number.POSITIVE_INFINITY, fire: () => void this.#send(call()) });
  }

  async #send(call: Call): Promise<void> {
    if (this.#inProgress >= MOST_IN_PROGRESS) return;
    this.#inProgress += 1;
    // What the request met is counted where it is answered.
    await this.#client.send(call).catch(() => {});
    this.#inProgress -= 1;
  }
}
