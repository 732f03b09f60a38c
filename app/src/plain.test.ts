import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { valid } from './input.ts';

const SCHEMA = z.strictObject({
  seconds: z.number().positive().max(120).default(30),
  rps: z.int().min(1).default(1),
  kind: z.enum(['phase', 'step']).default('step'),
  label: z.string().max(3).default(''),
  done: z.boolean().default(false),
  mix: z.strictObject({ login: z.number() }).optional(),
  list: z.array(z.number()).min(1).optional(),
  own: z.string().regex(/^a/, 'must begin with a').optional(),
});

function refusal(value: unknown): string {
  try {
    valid(SCHEMA, value);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('a body that is refused', () => {
  it.each<[unknown, string]>([
    [{ seconds: 'x' }, 'seconds: must be a number'],
    [{ seconds: 0 }, 'seconds: must be more than 0'],
    [{ seconds: 121 }, 'seconds: must be at most 120'],
    [{ rps: 1.5 }, 'rps: must be a whole number'],
    [{ rps: 0 }, 'rps: must be at least 1'],
    [{ kind: 'x' }, 'kind: must be one of phase, step'],
    [{ label: 'long' }, 'label: must be at most 3 characters long'],
    [{ done: 1 }, 'done: must be true or false'],
    [{ mix: {} }, 'mix.login: is missing'],
    [{ mix: [] }, 'mix: must be an object'],
    [{ list: [] }, 'list: must be at least 1 entries long'],
    [{ own: 'b' }, 'own: must begin with a'],
    [{ secnods: 3 }, 'body: has no secnods'],
    [[], 'body: must be an object'],
  ])('%j is told so in plain words: %s', (value, words) => {
    expect(refusal(value)).toBe(words);
  });
});
