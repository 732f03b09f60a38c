import type { Random } from '../support/random.ts';

/** What a client of the hub sends on one connection, and what has to come back. */
export interface Conversation {
  /** Frames, each text or bytes. */
  readonly frames: readonly (string | Buffer)[];
  /** Invocations that must be answered, in no order; undefined when the client breaks the protocol, and anything may be cut off. */
  readonly answers: readonly string[] | undefined;
}

const SEPARATOR = '\x1e';
const TARGETS = [
  'History',
  'Authorize',
  'Command',
  'Command',
  'Command',
  '__proto__',
  'toString',
  'history',
  '',
  '\u0000',
];
const COMMANDS = [
  'mark',
  'start-load',
  'stop-load',
  'start-spike',
  'stop-spike',
  'constructor',
  '',
  'x'.repeat(1000),
];
const ODD_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, '', '\u0000', '\ud800', 'x'.repeat(2000), [], {}, [[[[]]]], { toString: 1 }],
  ...[
    { toString: 'x', valueOf: 1 },
    JSON.parse('{"then":1,"__proto__":{}}'),
    { length: -1 },
    { kind: 'note', label: { toString: 1 } },
  ],
  ...[
    { kind: 'note', label: 'x' },
    { kind: 'step' },
    { seconds: -1 },
    { seconds: 'NaN', rps: [] },
    { mix: null },
  ],
];

/** Records that are right, if odd, and for half of the conversations something that is not. */
export function conversation(random: Random): Conversation {
  const answers: string[] = [];
  const records = Array.from({ length: 1 + random.below(8) }, (_, i) => record(random, `${i}`, answers));
  const text = records.map((each) => JSON.stringify(each) + SEPARATOR).join('');
  if (random.chance(0.5)) return { frames: cut(random, text), answers };
  return { frames: broken(random, text), answers: undefined };
}

function record(random: Random, id: string, answers: string[]): unknown {
  const kind = random.below(10);
  if (kind === 0) return { type: 6 };
  if (kind === 1) return { type: 5, invocationId: id };
  if (kind === 2) return { type: random.pick([2, 3]), invocationId: id, item: random.pick(ODD_VALUES) };
  if (kind === 3) return { type: random.pick([0, 8, 99, -1, 1.5, 1e308]), anything: random.pick(ODD_VALUES) };
  const target = random.pick(TARGETS);
  const values = Array.from({ length: random.below(4) }, () => random.pick(ODD_VALUES));
  const args = target === 'Command' && random.chance(0.7) ? [random.pick(COMMANDS), ...values] : values;
  const streams = random.chance(0.1) ? { streamIds: ['1'] } : {};
  // Without an id: no answer is wanted.
  if (kind === 4) return { type: 1, target, arguments: args };
  answers.push(id);
  return { type: random.chance(0.1) ? 4 : 1, invocationId: id, target, arguments: args, ...streams };
}

/** The same text in frames that begin and end anywhere; binary ones, as the Java client sends them, within a character too. */
function cut(random: Random, text: string): (string | Buffer)[] {
  if (random.chance(0.3)) return cutBytes(random, Buffer.from(text));
  const frames: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const length = random.chance(0.5) ? rest.length : 1 + random.below(rest.length);
    // Half of a character is no text.
    const end = /[\ud800-\udbff]/.test(rest[length - 1] ?? '') ? length + 1 : length;
    frames.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return frames;
}

function cutBytes(random: Random, bytes: Buffer): Buffer[] {
  const length = random.chance(0.5) ? bytes.length : 1 + random.below(bytes.length);
  const rest = bytes.subarray(length);
  return [bytes.subarray(0, length), ...(rest.length === 0 ? [] : cutBytes(random, rest))];
}

function broken(random: Random, text: string): (string | Buffer)[] {
  const bytes = Buffer.from(text);
  const bitten = Buffer.from(bytes);
  for (let bites = random.below(5); bites >= 0; bites -= 1)
    bitten[random.below(bitten.length)] = random.below(256);
  return random.pick<(string | Buffer)[]>([
    [bitten],
    [bitten.toString('latin1')],
    [bitten.toString()],
    [text.slice(0, random.below(text.length)) + SEPARATOR],
    [text, SEPARATOR],
    [text, '['.repeat(1 + random.below(30_000)) + SEPARATOR],
    [text, 'x'.repeat(32_769)],
    [text, `"${'y'.repeat(random.below(140_000))}"${SEPARATOR}`],
    ['{"protocol":"json","version":1}\x1e', text],
    [text, '{"type":7}\x1e', text],
    [text, '{"type":1,"target":"Command","arguments":null}\x1e'],
  ]);
}
