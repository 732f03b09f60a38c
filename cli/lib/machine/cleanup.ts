/** Clean-up functions, which run in the reverse order in which they were added. */
export class Cleanup {
  readonly #works: (() => void | Promise<void>)[] = [];

  add(work: () => void | Promise<void>): void {
    this.#works.unshift(work);
  }

  /** Runs all of them, even if some fail. Returns the errors. */
  async run(): Promise<Error[]> {
    const errors: Error[] = [];
    for (const work of this.#works.splice(0)) {
      try {
        await work();
      } catch (error) {
        errors.push(error as Error);
      }
    }
    return errors;
  }
}
