import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { startDatabase } from '../tests/support/sample-app.ts';
import { compareServers, printServers } from './servers.ts';
import { measureSpike, printSpike } from './spike.ts';

/** Ratios of things measured in one run, side by side: a time by itself says more about the machine. */
async function main(): Promise<void> {
  const { json, rounds } = new Command('bench')
    .description('measures the app against a bare server and Fastify, and the accuracy of the spike')
    .option('--json <file>', 'write the figures to this file')
    .option('--rounds <number>', 'rounds of the comparison', Number, 5)
    .parse()
    .opts<{ json?: string; rounds: number }>();
  const test = await startDatabase();
  try {
    const servers = await compareServers(test, rounds);
    printServers(servers);
    const spike = await measureSpike(test);
    printSpike(spike);
    const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, servers, spike }, null, 2)}\n`);
  } finally {
    await test.remove();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
