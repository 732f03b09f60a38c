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
      'the demo without a Kubernetes cluster, phase by phase: the real app and page, on an embedded PostgreSQL or on real nodes of CockroachDB',
    )
    .option(
      '--auto',
      'all phases without a keyboard; exit code 0 only if no request failed in a step and nothing was lost',
    )
    .addOption(
      new Option(
        '--database <kind>',
        'postgres is the default and needs nothing; cockroach needs its program on PATH or in COCKROACH',
      ).choices(DATABASES),
    )
    .addOption(
      new Option(
        '--kill-node <name>',
        'with --database cockroach: the node to kill; by default the one that joined last',
      ).choices(['n1', 'n2', 'n3']),
    )
    .option('--json <file>', 'write the results to this file as JSON')
    .option(
      '--record <file>',
      'record the data of the page in this file; by default in reports/, which keeps the last five',
    )
    .option('--port <number>', 'port of the page; if it is in use, the next free one', port, 8080)
    .option(
      '--phase-seconds <number>',
      'with --auto: how long each phase lasts, 20 by default; a spike takes half of that, or 30 s with a keyboard',
      wholeNumber(2, 600),
    )
    .option('--spike-rps <number>', 'requests a second of a spike', wholeNumber(1, 500), SPIKE.rps)
    .option(
      '--presenter',
      'show the notes, the next command and a clock on a second page, for another screen, instead of in the terminal',
    )
    .option('--verbose', 'show each step and the place of the logs')
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
