import { describe, expect, it } from 'vitest';
import { Witness } from '../../app/src/witness/witness.ts';
import { cases, type Random, SEED, seeded } from '../support/random.ts';
import { figures } from './figures.ts';
import { ModelDatabase } from './model-database.ts';
import { Simulation } from './simulation.ts';

/** The end of every schedule: no trouble, so that what is wrong has its chance to be seen. */
const QUIET_MS = 40_000;
const NINE_MINUTES = 9 * 60_000;

interface Schedule {
  readonly simulation: Simulation;
  readonly random: Random;
  readonly database: ModelDatabase;
  readonly witness: Witness;
  readonly allowanceMs: number;
  /** When the database is bent: after it has been correct for a while. */
  readonly bendAt: number;
}

/** Runs the witness on a model database, in a schedule of chance, until all is audited. `bend` is called at `bendAt`. */
async function run(seed: number, bend: (schedule: Schedule) => void = () => {}): Promise<Schedule> {
  const random = seeded(seed);
  const simulation = new Simulation();
  const allowanceMs = 1000 * (1 + random.below(15));
  const rps = random.pick([1, 4, 4, 10, 20]);
  // Some long enough that old rows are removed.
  const busyMs = rps === 1 && random.chance(0.3) ? 900_000 : 20_000 + random.below(60_000);
  const database = new ModelDatabase(simulation, random, {
    trouble: random.pick([0, 0.05, 0.3]),
    delayMs: random.pick([1, 20, 150]),
    lagMs: random.chance(0.5) ? 0 : allowanceMs,
  });
  const witness = new Witness({ database, rps, allowanceMs, now: () => simulation.now });
  const end = busyMs + QUIET_MS;
  const every = 1000 / rps;
  simulation.every(every, end, () => void witness.write());
  simulation.every(every, end, () => void witness.read());
  simulation.every(10_000, end, () => void witness.audit());
  outage(simulation, random, database, busyMs);
  simulation.after(busyMs, () => {
    database.conditions = { ...database.conditions, trouble: 0, delayMs: 1 };
  });
  const schedule = {
    simulation,
    random,
    database,
    witness,
    allowanceMs,
    bendAt: busyMs * (0.3 + 0.6 * random()),
  };
  simulation.after(schedule.bendAt, () => bend(schedule));
  await simulation.run();
  void witness.audit();
  await simulation.run();
  return schedule;
}

/** For some seconds nothing succeeds. */
function outage(simulation: Simulation, random: Random, database: ModelDatabase, busyMs: number): void {
  if (random.chance(0.5)) return;
  const usual = database.conditions;
  const begin = random() * (busyMs - 10_000);
  simulation.after(begin, () => {
    database.conditions = { ...usual, trouble: 1 };
  });
  simulation.after(begin + random() * 10_000, () => {
    database.conditions = usual;
  });
}

/** What was acknowledged and is still asked for. */
function promised({ database, simulation }: Schedule): number[] {
  return [...database.acknowledged].filter((seq) => {
    const row = database.rows.get(seq);
    return (
      row !== undefined && row.goneAt > simulation.now && row.committedAt > simulation.now - NINE_MINUTES
    );
  });
}

/** Seeds of the schedules for which `right` is not true. A single one is run again with `FAULTS_SEED=<seed>`. */
async function wrongSeeds(
  count: number,
  name: string,
  right: (seed: number) => Promise<boolean>,
): Promise<number[]> {
  const wrong: number[] = [];
  for (let seed = SEED; seed < SEED + count; seed += 1) if (!(await right(seed))) wrong.push(seed);
  figures(`witness, ${name}`, {
    schedules: count,
    seeds: `${SEED} to ${SEED + count - 1}`,
    wrong: wrong.length,
  });
  return wrong;
}

/** Takes correctness away. Returns how to tell, at the end, that it was caught; undefined when there was nothing to take. */
type Bend = (schedule: Schedule) => (() => boolean) | undefined;

const forgets = (schedule: Schedule, victims: readonly number[]) => {
  schedule.database.forget(victims);
  return victims.length === 0 ? undefined : () => schedule.witness.state.lost === victims.length;
};

/** From now on, so many copies of a share of the writes. */
const storesCopies = ({ database, random }: Schedule, copies: number, count: (seqs: number) => boolean) => {
  database.copiesOf = () => (random.chance(0.05) ? copies : 1);
  const bent = () => [...database.rows.values()].filter((row) => row.copies === copies).map(({ seq }) => seq);
  return () => count(bent().filter((seq) => database.acknowledged.has(seq)).length);
};

const isStale = ({ witness }: Schedule) => {
  const { stale, lost, duplicated } = witness.state;
  return stale > 0 && lost === 0 && duplicated === 0;
};

const BENDS: Readonly<Record<string, Bend>> = {
  'forgets some acknowledged writes': (schedule) => {
    const { random } = schedule;
    return forgets(schedule, random.shuffled(promised(schedule)).slice(0, 1 + random.below(5)));
  },
  'forgets the acknowledged writes of the last two seconds, as after a crash without a log': (schedule) => {
    const { database, simulation } = schedule;
    const isNew = (seq: number) => (database.rows.get(seq)?.committedAt ?? 0) > simulation.now - 2000;
    return forgets(schedule, promised(schedule).filter(isNew));
  },
  'acknowledges writes that it does not store': (schedule) =>
    storesCopies(schedule, 0, (count) => schedule.witness.state.lost === count),
  'stores writes twice': (schedule) =>
    storesCopies(schedule, 2, (count) => schedule.witness.state.duplicated === count),
  'lets its reader fall further behind than allowed': (schedule) => {
    const { database, random, allowanceMs } = schedule;
    const lag = allowanceMs + 4000 + random.below(20_000);
    database.readerSnapshot = (now) => now - lag;
    return () => isStale(schedule);
  },
  'lets its reader stand still': (schedule) => {
    const { now } = schedule.simulation;
    schedule.database.readerSnapshot = () => now;
    return () => isStale(schedule);
  },
  'answers stale to the writer itself': (schedule) => {
    const lag = 4000 + schedule.random.below(20_000);
    schedule.database.writerSnapshot = (now) => now - lag;
    return () => schedule.witness.state.lost > 0;
  },
};

describe('the witness, on a model of a database and of the way to it', () => {
  it('never accuses a correct one, and confirms every write that it acknowledged', async () => {
    const wrong = await wrongSeeds(cases(20, 2000), 'correct database', async (seed) => {
      const { witness, database } = await run(seed);
      const { lost, duplicated, stale, confirmed, unconfirmed } = witness.state;
      return lost + duplicated + stale + unconfirmed === 0 && confirmed === database.acknowledged.size;
    });
    expect(wrong).toEqual([]);
  }, 1_200_000);

  it.each(Object.entries(BENDS))(
    'catches one that %s',
    async (name, bend) => {
      let bent = 0;
      const wrong = await wrongSeeds(cases(10, 500), `a database that ${name}`, async (seed) => {
        let caught: (() => boolean) | undefined;
        await run(seed, (schedule) => {
          caught = bend(schedule);
        });
        if (caught !== undefined) bent += 1;
        return caught?.() ?? true;
      });
      expect(wrong).toEqual([]);
      // In a few schedules there is nothing to bend at that moment.
      expect(bent).toBeGreaterThan(cases(10, 500) / 2);
    },
    1_200_000,
  );
});
