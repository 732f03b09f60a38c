/** Something that the user can act on: the message says what is wrong and what to do next. Shown without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/**
 * Does work whose errors say what is wrong and what to do next, as those of the database and of its waits do: they become Failures. What is
 * wrong with this program stays what it is. Throws the signal's reason when that was aborted, whatever the work made of it.
 */
export async function plainly<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const isOwn =
      error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
    throw isOwn || error instanceof Failure ? error : new Failure((error as Error).message);
  }
}
