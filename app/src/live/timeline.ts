import type { Mark, MarkKind } from '../contract.ts';

const MOST_MARKS = 1000;

/** The marks of the timeline, newest last, bounded. Times are epoch milliseconds. */
export class Timeline {
  readonly #marks: Mark[] = [];
  readonly #publish: (mark: Mark) => void;
  #lastId = 0;

  constructor(publish: (mark: Mark) => void) {
    this.#publish = publish;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** Marks a moment. */
  mark(kind: MarkKind, label: string, at = Date.now()): Mark {
    return this.#add({ id: this.#nextId(), kind, label, at });
  }

  /** Marks the beginning of something. Returns what marks its end, with another label if need be. */
  begin(kind: MarkKind, label: string, at = Date.now()): (label?: string, until?: number) => void {
    const begun = this.#add({ id: this.#nextId(), kind, label, at, until: null });
    return (endLabel = label, until = Date.now()) => {
      const ended = { ...begun, label: endLabel, until };
      const index = this.#marks.findIndex((mark) => mark.id === begun.id);
      if (index >= 0) this.#marks[index] = ended;
      this.#publish(ended);
    };
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #add(mark: Mark): Mark {
    this.#marks.push(mark);
    if (this.#marks.length > MOST_MARKS) this.#marks.shift();
    this.#publish(mark);
    return mark;
  }
}
