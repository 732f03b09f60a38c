/** Something that the user can act on: the message says what is wrong and what to do next. Shown without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
