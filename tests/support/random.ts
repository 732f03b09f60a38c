/** Chance that can be had again: the same numbers for the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  (): number;
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  pick<T>(list: readonly T[]): T;
  /** True in this share of cases. */
  chance(share: number): boolean;
  shuffled<T>(list: readonly T[]): T[];
}

/** The generator mulberry32: small, and good enough to choose cases. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return Object.assign(next, {
    below,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    chance: (share: number) => next() < share,
    shuffled: <T>(list: readonly T[]) => {
      const result = [...list];
      for (let i = result.length - 1; i > 0; i -= 1) {
        const j = below(i + 1);
        [result[i], result[j]] = [result[j] as T, result[i] as T];
      }
      return result;
    },
  });
}

/** The seed of a run: `FAULTS_SEED`, or one that is always the same. */
export const SEED = Number(process.env.FAULTS_SEED ?? 20_261_121);

/** How many cases: the first in `npm test`, the second in `npm run test:faults`. */
export const cases = (few: number, many: number) => (process.env.FAULTS === 'all' ? many : few);
