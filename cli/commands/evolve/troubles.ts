/** Milliseconds: what a resource says of itself while it starts is no trouble yet. */
const PATIENCE_MS = 10_000;

/**
 * What the engine says in passing of resources that do not get ready, e.g. that an image cannot be pulled. Told when the resource has
 * taken a while, and each text once, so that people need not wait for the engine to give up to learn why.
 */
export class Troubles {
  readonly #said = new Map<string, string>();
  readonly #told = new Set<string>();

  said(urn: string, text: string): void {
    this.#said.set(urn, text);
  }

  /** What is to be told now, each with its resource. `inProgress` has when each resource was begun that is not done. */
  due(
    inProgress: ReadonlyMap<string, number>,
    now = Date.now(),
  ): { readonly urn: string; readonly text: string }[] {
    for (const urn of this.#said.keys()) if (!inProgress.has(urn)) this.#said.delete(urn);
    const due = [...this.#said]
      .map(([urn, text]) => ({ urn, text }))
      .filter(({ urn, text }) => {
        const since = inProgress.get(urn);
        return since !== undefined && now - since >= PATIENCE_MS && !this.#told.has(`${urn} ${text}`);
      });
    for (const { urn, text } of due) this.#told.add(`${urn} ${text}`);
    return due;
  }
}
