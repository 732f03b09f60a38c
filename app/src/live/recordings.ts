import { ApiError } from '../api-error.ts';
import type { History, RecordedLine } from '../contract.ts';

/** Of those who record at a time. */
const MOST = 4;
/** Lines that may wait for one who reads slowly: five minutes, about. */
const MOST_WAITING = 300;

const encoder = new TextEncoder();
const encode = (line: RecordedLine) => encoder.encode(`${JSON.stringify(line)}\n`);

/** Sends what the pages get to clients that record it, as an endless stream of JSON lines. */
export class Recordings {
  readonly #history: () => History;
  readonly #open = new Set<ReadableStreamDefaultController<Uint8Array>>();

  constructor(history: () => History) {
    this.#history = history;
  }

  /** From now on; the past comes first. Throws an ApiError when as many as may record do so. */
  open(): ReadableStream<Uint8Array> {
    if (this.#open.size >= MOST)
      throw new ApiError(503, 'too_many_recordings', `${MOST} recordings run already. End one of them.`);
    let own: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          own = controller;
          this.#open.add(controller);
          controller.enqueue(encode({ at: Date.now(), call: 'history', arg: this.#history() }));
        },
        cancel: () => void this.#open.delete(own),
      },
      new CountQueuingStrategy({ highWaterMark: MOST_WAITING }),
    );
  }

  send(line: RecordedLine): void {
    if (this.#open.size === 0) return;
    const bytes = encode(line);
    for (const controller of this.#open) {
      // A recording with a gap would look calm where it was not, so it ends instead.
      if ((controller.desiredSize ?? 0) <= 0) this.#end(controller);
      else controller.enqueue(bytes);
    }
  }

  close(): void {
    for (const controller of this.#open) this.#end(controller);
  }

  #end(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#open.delete(controller);
    controller.close();
  }
}
