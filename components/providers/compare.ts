/** Inputs or state of a resource, as the engine hands them to a provider. */
export type Values = Readonly<Record<string, unknown>>;

/** Which inputs are part of what a resource is; all others may change without a change of the resource. */
export interface Watched {
  readonly update: readonly string[];
}

/**
 * A provider's answer to "what has changed?": the watched inputs, by value, and nothing else, so that a change of the provider's own
 * code is none. Another namespace is another database, so the resource is made anew there; another context is only another way to it.
 */
export function compare(olds: Values, news: Values, { update }: Watched) {
  const namespace = (values: Values) => (values.address as { namespace?: unknown } | undefined)?.namespace;
  const replaces = namespace(olds) === namespace(news) ? [] : ['address'];
  const changed = update.some((key) => canonical(olds[key]) !== canonical(news[key]));
  return { changes: changed || replaces.length > 0, replaces };
}

/** The same text for the same value, in whatever order an object's keys are. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}
