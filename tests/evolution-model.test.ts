import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CliError } from '../cli/lib/errors.ts';
import { HANDS, type Hand } from './model/hands.ts';
import { type End, Model, NOTHING, STACKS, type Start } from './model/model.ts';
import { Programs } from './model/program.ts';
import { seeded } from './support/random.ts';

// The real code of cli/commands/evolve, cli/commands/handover and cli/lib/pulumi with the real program's resources, in a world that is a model: Pulumi's
// engine and its backend of files, and a cluster. Each schedule is decided by its seed. To see one again, or to try more of them:
//   EVOLUTION_SEED=1234 npx vitest run tests/evolution-model.test.ts
//   EVOLUTION_SEED=5000 EVOLUTION_SCHEDULES=2000 npx vitest run tests/evolution-model.test.ts
const { EVOLUTION_SEED: seed, EVOLUTION_SCHEDULES: schedules } = process.env;
const FIRST = Number(seed ?? 1);
const COUNT = Number(schedules ?? (seed === undefined ? 100 : 1));
const HOUR = 3_600_000;
const ENDS: readonly End[] = ['tree', 'alone', 'ctrl-c'];
/** Runs in which whatever can be fixed must have been, each following what the one before said. */
const PATIENCE = 12;

let programs: Programs;
/** Each phase as it is when nothing disturbs it, and before the first. */
let starts: Start[];
let undisturbed: ReturnType<Model['end']>;
const told = new Map<string, number>();

beforeAll(async () => {
  programs = await Programs.load();
  vi.useFakeTimers();
  starts = [NOTHING];
  for (const target of STACKS) {
    const model = new Model(seeded(0), programs, starts.at(-1) as Start);
    const [run] = await model.run([[model.operators[0], { command: 'evolve', target }]]);
    expect(run?.outcome?.error?.message).toBeUndefined();
    const said = model.operators[0].said.join('');
    expect(said).toContain(target === STACKS[0] ? 'The preview: ' : 'The preview says the same: ');
    starts.push(model.save());
    if (target === STACKS.at(-1)) undisturbed = model.end(target);
    model.remove();
  }
  vi.useRealTimers();
}, 120_000);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
afterAll(() => {
  const refusals = [...told]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => `${code} ${count} times`);
  console.log(
    `Each of the ${COUNT} schedules from seed ${FIRST} on, twice. Refused: ${refusals.join(', ')}.`,
  );
});

/** Something happens: a step that is ended early, two at once, or somebody's hand. */
async function disturb(model: Model, hands: readonly Hand[]): Promise<boolean> {
  const { random, operators } = model;
  const operator = random.pick(operators);
  const typed = () => ({
    command: random.chance(0.75) ? ('evolve' as const) : ('handover' as const),
    target: random.pick(STACKS),
    skip: random.chance(0.1),
    dryRun: random.chance(0.1),
  });
  const end = { how: random.pick(ENDS), after: 1 + random.below(random.chance(0.5) ? 60 : 300) };
  if (random.chance(hands.length === 0 ? 0 : 0.4)) {
    await model.schedule.settle();
    const hand = random.pick(hands);
    const done = Promise.resolve(hand.work(model, operator));
    let over = false;
    const finish = () => {
      over = true;
    };
    done.then(finish, (error) => {
      model.schedule.broken ??= error;
    });
    await model.schedule.until(() => over);
    return hand.fixable;
  }
  model.failing = random.chance(0.3) ? 0.01 : 0;
  if (random.chance(0.35))
    await model.run(
      [
        [operators[0], typed()],
        [operators[1], typed()],
      ],
      random.chance(0.7) ? end : undefined,
    );
  else await model.run([[operator, typed()]], end);
  model.failing = 0;
  // What a killed run has left behind may go on while the next one begins.
  if (random.chance(0.5)) await model.schedule.settle();
  return true;
}

/** Whoever works here does what the refusals say. Returns the last one, or undefined when the last phase is reached. */
async function goOn(model: Model): Promise<CliError | undefined> {
  const last = STACKS.at(-1) as string;
  const [operator] = model.operators;
  let target = last;
  let refused: CliError | undefined;
  for (let runs = 0; runs < PATIENCE; runs++) {
    const [run] = await model.run([[operator, { command: 'evolve', target }]]);
    refused = run?.outcome?.error;
    if (refused === undefined) {
      if (target === last) return undefined;
      target = last;
      continue;
    }
    told.set(refused.code, (told.get(refused.code) ?? 0) + 1);
    expect(refused.next).toMatch(/npm run |pulumi |Look at |Let it end/);
    target = /npm run evolve -- (phase\d)/.exec(refused.next)?.[1] ?? last;
    const cancelled = /pulumi cancel (\S+) --yes/.exec(refused.next)?.[1];
    if (cancelled !== undefined) {
      let over = false;
      void operator.type('cancel', cancelled, '--yes').then(() => {
        over = true;
      });
      await model.schedule.until(() => over);
    }
  }
  return refused;
}

async function play(seed: number, hands: readonly Hand[]): Promise<void> {
  const random = seeded(seed);
  const model = new Model(random, programs, random.pick(starts.slice(0, -1)));
  let fixable = true;
  try {
    for (let times = 1 + random.below(4); times > 0; times--) {
      const before = new Set([...model.owned().values()].flat());
      fixable = (await disturb(model, hands)) && fixable;
      if (!fixable) continue;
      model.expectOwners(2);
      const after = new Set([...model.owned().values()].flat());
      expect([...before].filter((key) => !after.has(key))).toEqual([]);
    }
    await model.schedule.settle();
    const refused = await goOn(model);
    await model.schedule.settle();
    if (refused === undefined && fixable) {
      model.expectOwners(1);
      expect(model.end(STACKS.at(-1) as string)).toEqual(undisturbed);
    }
    if (fixable) expect(refused?.toJSON()).toBeUndefined();
  } catch (error) {
    const trace = model.schedule.trace.join('\n').slice(-20_000);
    throw Object.assign(error as Error, { message: `seed ${seed}: ${(error as Error).message}\n${trace}` });
  } finally {
    model.remove();
  }
}

const seeds = Array.from({ length: COUNT }, (_, i) => FIRST + i);

describe('the evolution, in every schedule that was tried', () => {
  it(
    'ends as if nothing had been, however it was interrupted and whoever else was at work',
    async () => {
      for (const seed of seeds) await play(seed, []);
    },
    HOUR,
  );

  it(
    'fixes what was done to the stacks by hand, or refuses and says what to do',
    async () => {
      for (const seed of seeds) await play(seed, HANDS);
    },
    HOUR,
  );
});
