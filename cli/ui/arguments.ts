import { InvalidArgumentError } from 'commander';

/** Parses an argument that is a whole number from `low` to `high`. `why` completes the refusal. */
export function wholeNumber(low: number, high: number, why = ''): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}${why}.`);
  };
}

export const port = wholeNumber(1, 65_535);
