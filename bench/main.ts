import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Argument, Command } from 'commander';
import { startDatabase, type TestDatabase } from '../tests/support/sample-app.ts';
import { measureAdmission, printAdmission } from './admission.ts';
import { measureDiff, printDiff } from './diff.ts';
import { measureFeed, printFeed } from './feed.ts';
import { measureGrowth, printGrowth } from './growth.ts';
import { measureMemory, printMemory } from './memory.ts';
import { measureMetrics, printMetrics } from './metrics.ts';
import { measurePage, printPage } from './page.ts';
import { measureRehearsal, printRehearsal } from './rehearsal.ts';
import { compareServers, printServers } from './servers.ts';
import { measureSpike, printSpike } from './spike.ts';

interface Context {
  readonly rounds: number;
  /** Started when it is first asked for. */
  readonly database: () => Promise<TestDatabase>;
}

/** Measures and prints; gives back what it measured. */
type Bench = (context: Context) => Promise<unknown>;

const bench =
  <T>(measure: (context: Context) => Promise<T>, print: (figures: T) => void): Bench =>
  async (context) => {
    const figures = await measure(context);
    print(figures);
    return figures;
  };

const BENCHES: Readonly<Record<string, Bench>> = {
  servers: bench(async ({ database, rounds }) => compareServers(await database(), rounds), printServers),
  spike: bench(async ({ database }) => measureSpike(await database()), printSpike),
  metrics: bench(async ({ database }) => measureMetrics(await database()), printMetrics),
  memory: bench(async ({ database }) => measureMemory(await database()), printMemory),
  admission: bench(measureAdmission, printAdmission),
  diff: bench(({ rounds }) => measureDiff(rounds), printDiff),
  rehearsal: bench(({ rounds }) => measureRehearsal(Math.min(rounds, 3)), printRehearsal),
  page: bench(measurePage, printPage),
  feed: bench(async ({ database }) => measureFeed(await database()), printFeed),
  // Last: it fills the tables.
  growth: bench(async ({ database, rounds }) => measureGrowth(await database(), rounds), printGrowth),
};

/** Ratios of things measured in one run, side by side: a time by itself says more about the machine. */
async function main(): Promise<void> {
  const names = Object.keys(BENCHES);
  const program = new Command('bench')
    .description('measures the app, its page and the tools')
    .addArgument(new Argument('[names...]', 'what to measure; without any, all of it').choices(names))
    .option('--json [file]', 'the figures as JSON too, to a file or else to stdout')
    .option('--rounds <number>', 'rounds of what is measured side by side', Number, 5)
    .parse();
  const { json, rounds } = program.opts<{ json?: string | true; rounds: number }>();
  const asked = program.args.length === 0 ? names : program.args;
  let test: Promise<TestDatabase> | undefined;
  const database = () => (test ??= startDatabase());
  const figures: Record<string, unknown> = {
    machine: { node: process.version, cpus: cpus().length, model: cpus()[0]?.model },
  };
  try {
    for (const name of asked) figures[name] = await BENCHES[name]?.({ rounds, database });
  } finally {
    await (await test)?.remove();
  }
  const text = JSON.stringify(figures, null, 2);
  if (json === true) console.log(text);
  else if (json !== undefined) writeFileSync(json, `${text}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
