import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildPage } from '../../lib/machine/build-page.ts';
import { REPOSITORY } from '../../lib/machine/paths.ts';
import { freePortFrom } from '../../lib/machine/ports.ts';
import { readRecording } from '../../lib/recording/recording.ts';
import { port } from '../../ui/arguments.ts';
import { listenForStop } from '../../ui/stop.ts';
import { runCommand } from '../run-command.ts';
import { serveRecording } from './server.ts';

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('plays a recording of the page into the same page, with pause and speed; needs no database')
    .argument(
      '[file]',
      'what was recorded: NDJSON, compressed by gzip or not; by default a rehearsal on PostgreSQL that comes with the project',
    )
    .option('--port <number>', 'port of the page; the next free one is taken when it is in use', port, 8080)
    .option('--no-color', 'plain text')
    .action((file: string | undefined, options: { readonly port: number }) => {
      const command = `npm run replay${file === undefined ? '' : ` -- ${file}`}`;
      return runCommand({ interrupted: { state: 'Nothing was changed', command } }, () =>
        replay(file ?? SHIPPED, options.port),
      );
    });
}

/** How it is made: docs/recordings/README.md. */
export const SHIPPED = join(REPOSITORY, 'docs', 'recordings', 'rehearsal-on-postgresql.ndjson.gz');

async function replay(file: string, wanted: number): Promise<number> {
  const { signal } = listenForStop({ withOutput: true });
  const recorded = readRecording(file);
  await buildPage();
  const server = await serveRecording(recorded, { port: await freePortFrom(wanted) });
  console.log(`${recorded.name}, recorded ${new Date(recorded.first.at).toLocaleString()}`);
  console.log(`The recording plays at ${server.address}/ (for the last row: ${server.address}/?stage)`);
  console.log('On the page: k pauses, j goes back ten seconds, . and , change the speed. Ctrl-C ends it.');
  if (!signal.aborted) await once(signal, 'abort');
  await server.stop();
  return 0;
}
