/** How long something takes to move to its new place. Milliseconds. */
const MOVE_MS = 900;

const still = matchMedia('(prefers-reduced-motion: reduce)');

/** Numbers that change smoothly, or immediately if the user prefers reduced motion. `draw` gets the numbers of each frame. */
export class Glide {
  readonly #draw: (values: readonly number[]) => void;
  #shown: readonly number[] = [];
  #goal: readonly number[] = [];
  #from: readonly number[] = [];
  #startedAt = 0;
  #frame = 0;

  constructor(draw: (values: readonly number[]) => void) {
    this.#draw = draw;
  }

  /** `jump`: without the way there, e.g. because the whole drawing has another size. */
  to(goal: readonly number[], jump: boolean): void {
    if (!jump && same(goal, this.#goal)) return;
    this.#goal = goal;
    cancelAnimationFrame(this.#frame);
    if (jump || still.matches || this.#shown.length !== goal.length) {
      this.#show(goal);
      return;
    }
    this.#from = this.#shown;
    this.#startedAt = performance.now();
    this.#step();
  }

  #step(): void {
    const done = Math.min(1, (performance.now() - this.#startedAt) / MOVE_MS);
    const eased = 1 - (1 - done) ** 3;
    this.#show(this.#goal.map((value, i) => (this.#from[i] ?? value) * (1 - eased) + value * eased));
    if (done < 1) this.#frame = requestAnimationFrame(() => this.#step());
  }

  #show(values: readonly number[]): void {
    this.#shown = values;
    this.#draw(values);
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
