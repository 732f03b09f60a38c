/** What ends the parts of something, in the reverse order of their starts. */
export class Cleanup {
  readonly #works: (() => void | Promise<void>)[] = [];

  add(work: () => void | Promise<void>): void {
    this.#works.unshift(work);
  }

  /** Does all of it, also when some of it fails. Returns what went wrong. */
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
