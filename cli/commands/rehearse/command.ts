import { type Command, Option } from 'commander';
import { port, wholeNumber } from '../../ui/arguments.ts';
import { terminalFor } from '../../ui/output.ts';
import { rehearse } from './rehearse.ts';
import { SPIKE } from './script/script.ts';
import { DATABASES, type DatabaseKind } from './stage/demo.ts';

interface Flags {
  readonly auto?: boolean;
  readonly json?: string;
  readonly record?: string;
  readonly port: number;
  readonly phaseSeconds?: number;
  readonly presenter?: boolean;
  readonly spikeRps: number;
  readonly database?: DatabaseKind;
  readonly killNode?: string;
  readonly verbose?: boolean;
  readonly color: boolean;
}

export function addRehearse(program: Command): void {
  program
    .command('rehearse')
    .description(
      'the demo without a cluster, phase by phase: the real app and page, on an embedded PostgreSQL or on the nodes of a real CockroachDB',
    )
    .option(
      '--auto',
      'all phases without a keyboard; exit code 0 only if no request failed in a step and nothing was lost',
    )
    .addOption(
      new Option(
        '--database <kind>',
        'postgres needs nothing and is the default; cockroach needs its program on PATH, or named by COCKROACH',
      ).choices(DATABASES),
    )
    .addOption(
      new Option(
        '--kill-node <name>',
        'with --database cockroach: which node a kill takes; by default the one that joined last',
      ).choices(['n1', 'n2', 'n3']),
    )
    .option('--json <file>', 'write the results to this file')
    .option(
      '--record <file>',
      'keep what the page is sent in this file; by default in one of its own in reports/, where the last five stay',
    )
    .option('--port <number>', 'port of the page; the next free one is taken when it is in use', port, 8080)
    .option(
      '--phase-seconds <number>',
      'with --auto: how long each phase lasts, 20 by default; a spike takes half of it, and with keys 30 s by default',
      wholeNumber(2, 600),
    )
    .option('--spike-rps <number>', 'requests a second of a spike', wholeNumber(1, 500), SPIKE.rps)
    .option(
      '--presenter',
      'the notes, the next command and a clock on a page of their own, for a second screen, and not in the terminal',
    )
    .option('--verbose', 'show each step, and where the logs are')
    .option('--no-color', 'plain text')
    .action(async (flags: Flags) => {
      const { color, phaseSeconds, json, record, database, killNode, spikeRps } = flags;
      const { auto = false, verbose = false, presenter = false } = flags;
      process.exitCode = await rehearse(
        {
          auto,
          verbose,
          presenter,
          json,
          record,
          database,
          killNode,
          port: flags.port,
          spikeRps,
          phaseSeconds,
        },
        terminalFor({ color }),
      );
    });
}
