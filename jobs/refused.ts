/** What must not be done, and would be refused again: the Job fails at once. The message says why, and what to do. */
export class Refused extends Error {}
