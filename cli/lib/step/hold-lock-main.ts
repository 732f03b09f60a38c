import { type CliError, errorLines } from '../errors.ts';
import { readTarget } from '../phase/settings.ts';
import { kubernetesLease } from './kubernetes-lease.ts';
import { takeLock } from './lock.ts';

// A process of two-checkouts.test.ts: takes the lock of a checkout, says so, and holds it until its input ends. The
// "main.ts" in its name makes it look like a process that runs a step.
const [directory = '', command = ''] = process.argv.slice(2);

takeLock(kubernetesLease(readTarget('phase0', directory)), {
  directory,
  command,
  signal: new AbortController().signal,
  say: (line) => console.log(line),
  renew: 500,
  expire: 10_000,
}).then(
  (lock) => {
    console.log(`taken${lock.takenOver ? ' over' : ''}`);
    process.stdin.resume().once('end', () => void lock.release().then(() => process.exit(0)));
  },
  (error: CliError) => {
    for (const line of errorLines(error)) console.log(line);
    process.exit(1);
  },
);
