import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

/** What is wrong with a value, in words that go on after its name: for `safeParse(value, { error: plain })`. What a schema says itself stays. */
export function plain(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return bound(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin);
    case 'too_big':
      return bound(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue.origin);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has no ${issue.keys.join(', ')}`;
    default:
      return 'does not have the required form';
  }
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters long', array: ' entries long' };

const bound = (how: string, limit: number | bigint, origin: string) =>
  `must be ${how} ${limit}${UNITS[origin] ?? ''}`;
