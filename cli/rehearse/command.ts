import { type Command, InvalidArgumentError } from 'commander';
import { rehearse } from './rehearse.ts';
import { Terminal } from './terminal.ts';

interface Flags {
  readonly auto?: boolean;
  readonly json?: string;
  readonly port: number;
  readonly phaseSeconds: number;
  readonly spikeRps: number;
  readonly verbose?: boolean;
  readonly color: boolean;
}

export function addRehearse(program: Command): void {
  program
    .command('rehearse')
    .description(
      'the demo without a cluster: the real app and page on an embedded PostgreSQL, phase by phase',
    )
    .option(
      '--auto',
      'all phases without a keyboard; exit code 0 only if no request failed and nothing was lost',
    )
    .option('--json <file>', 'write the figures to this file')
    .option(
      '--port <number>',
      'port of the page; the next free one is taken when it is in use',
      integer(1, 65_535),
      8080,
    )
    .option(
      '--phase-seconds <number>',
      'with --auto: how long each phase lasts; a spike takes half of it',
      integer(2, 600),
      20,
    )
    .option('--spike-rps <number>', 'requests a second of a spike', integer(1, 500), 200)
    .option('--verbose', 'show each step, and where the logs are')
    .option('--no-color', 'plain text')
    .action(async ({ color, auto = false, verbose = false, json, ...flags }: Flags) => {
      const terminal = new Terminal(color ? undefined : false);
      process.exitCode = await rehearse({ ...flags, auto, verbose, json }, terminal);
    });
}

function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };
}
