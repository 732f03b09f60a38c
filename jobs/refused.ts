/** A refusal. A retry would be refused too, so the Job fails at once. The message says why, and what to do next. */
export class Refused extends Error {}
