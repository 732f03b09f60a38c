/** Milliseconds: what a resource says of itself while it starts is no trouble yet. */
const PATIENCE_MS = 10_000;

/**
 * What the engine says in passing of resources that do not get ready, e.g. that an image cannot be pulled. Told when the resource has
 * taken a while, and each text once, so that people need not wait for the engine to give up to learn why.
 */
export class Troubles {
  readonly #begun = new Map<string, number>();
  readonly #said = new Map<string, string>();
  readonly #told = new Set<string>();

  begun(urn: string, at = Date.now()): void {
    this.#begun.set(urn, at);
  }

  said(urn: string, text: string): void {
    this.#said.set(urn, text);
  }

  ended(urn: string): void {
    this.#begun.delete(urn);
    this.#said.delete(urn);
  }

  /** What is to be told now, each with its resource. */
  due(now = Date.now()): { readonly urn: string; readonly text: string }[] {
    const due = [...this.#said]
      .map(([urn, text]) => ({ urn, text }))
      .filter(({ urn, text }) => {
        const since = this.#begun.get(urn);
        return since !== undefined && now - since >= PATIENCE_MS && !this.#told.has(`${urn} ${text}`);
      });
    for (const { urn, text } of due) this.#told.add(`${urn} ${text}`);
    return due;
  }
}
