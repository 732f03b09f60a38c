import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliError } from '../errors.ts';
import type { Machine } from '../pulumi/processes.ts';
import { memoryLease } from './lease.testing.ts';
import { takeLock as take } from './lock.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
  mkdirSync(join(directory, '.state'));
  writeFileSync(join(directory, 'Pulumi.yaml'), 'name: x\nbackend: { url: file://./.state }\n');
  lease = memoryLease();
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = () => join(directory, '.state', 'evolve.lock');
const heldBy = (holder: object) =>
  writeFileSync(
    file(),
    JSON.stringify({
      hostname: hostname(),
      username: 'ann',
      command: 'npm run evolve -- phase1',
      since: 'noon',
      ...holder,
    }),
  );
/** Of the cluster: every run of a test meets it, as every machine does. */
let lease: ReturnType<typeof memoryLease>;
const takeLock = (command: string, machine?: Machine) =>
  take(lease, {
    directory,
    command,
    say: () => {},
    signal: new AbortController().signal,
    renew: 20,
    expire: 200,
    ...(machine === undefined ? {} : { machine }),
  });
const refusal = async () => {
  try {
    await takeLock('npm run evolve -- phase2');
  } catch (error) {
    return error as CliError;
  }
  return null;
};
/** A process whose command line is these words. */
async function pretend(name: string, work: (pid: number) => void | Promise<void>): Promise<void> {
  const child = spawn('bash', ['-c', `exec -a '${name}' sleep 60`], { stdio: 'ignore' });
  try {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await work(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

describe('the lock of a step', () => {
  it('is there while the step goes on, and gone after it', async () => {
    const lock = await takeLock('npm run evolve -- phase1');
    expect(lock.takenOver).toBe(false);
    expect(existsSync(file())).toBe(true);
    expect(lease.now?.holder).toMatch(/^npm run evolve -- phase1, process \d+ of .* on .*, since /);
    await lock.release();
    expect(existsSync(file())).toBe(false);
    expect(lease.now).toBeNull();
  });

  it('refuses a second step, and says who is at it', async () => {
    await pretend('node cli/main.ts evolve phase1', async (pid) => {
      heldBy({ pid });
      const error = await refusal();
      expect(error).toBeInstanceOf(CliError);
      expect(error?.code).toBe('EVO-205');
      expect(error?.message).toContain(`npm run evolve -- phase1, process ${pid} of ann`);
      expect(lease.now).toBeNull();
    });
  });

  it('lies with the state, where that is in files: another checkout with the same backend finds it', async () => {
    const other = mkdtempSync(join(tmpdir(), 'lock-'));
    writeFileSync(
      join(other, 'Pulumi.yaml'),
      `name: x\nbackend: { url: "file://${join(directory, '.state')}" }\n`,
    );
    const here = directory;
    directory = other;
    try {
      const lock = await takeLock('npm run evolve -- phase1');
      expect(existsSync(join(here, '.state', 'evolve.lock'))).toBe(true);
      await lock.release();
    } finally {
      directory = here;
      rmSync(other, { recursive: true });
    }
  });

  it('is taken over from a process that is gone, or whose number is another now', async () => {
    await pretend('something else', async (pid) => {
      heldBy({ pid });
      const lock = await takeLock('x');
      expect(lock.takenOver).toBe(true);
      expect(lock.orphan).toBeUndefined();
      await lock.release();
    });
  });

  it('is taken over at once from a run of this machine that was killed, with its lease', async () => {
    const gone = { pid: 2 ** 22 + 1, hostname: hostname(), looksLike: () => false };
    await takeLock('x', gone);
    lease.quiet();
    const began = Date.now();
    const lock = await takeLock('y');
    expect(lock.takenOver).toBe(true);
    expect(Date.now() - began).toBeLessThan(150);
    await lock.release();
  });

  it('is taken over when it is damaged', async () => {
    writeFileSync(file(), '{"pid": 1');
    expect((await takeLock('x')).takenOver).toBe(true);
  });

  it('tells what a killed run has left behind at work', async () => {
    await pretend('pulumi', async (child) => {
      heldBy({ pid: 2 ** 22 + 1, child });
      expect((await takeLock('x')).orphan).toBe(child);
    });
  });

  it('still tells it when the run that took it over was killed as well', async () => {
    await pretend('pulumi', async (child) => {
      heldBy({ pid: 2 ** 22 + 1, child });
      const second = { pid: 2 ** 22 + 2, hostname: hostname(), looksLike: (pid: number) => pid === child };
      await takeLock('x', second);
      lease.quiet();
      expect((await takeLock('x')).orphan).toBe(child);
    });
  });

  it('is left alone by a run that lost it', async () => {
    const lost = await takeLock('x');
    rmSync(file());
    heldBy({ pid: 1 });
    const theirs = readFileSync(file(), 'utf8');
    lost.working(7);
    await lost.release();
    expect(readFileSync(file(), 'utf8')).toBe(theirs);
  });

  it('is the only file that it leaves while it is held, and whole at any moment', async () => {
    const lock = await takeLock('x');
    for (const child of [7, undefined]) {
      lock.working(child);
      expect(JSON.parse(readFileSync(file(), 'utf8')).child).toBe(child);
      expect(readdirSync(join(directory, '.state'))).toEqual(['evolve.lock']);
    }
    await lock.release();
    expect(readdirSync(join(directory, '.state'))).toEqual([]);
  });

  it('of another machine is taken over once its lease is silent, and never before', async () => {
    const elsewhere = { pid: 7, hostname: 'elsewhere', looksLike: () => true };
    const theirs = await takeLock('npm run evolve -- phase1', elsewhere);
    const error = await refusal();
    expect(error?.code).toBe('EVO-205');
    expect(error?.message).toMatch(/npm run evolve -- phase1, process 7 of .* on elsewhere, since /);
    lease.quiet();
    const lock = await takeLock('y');
    expect(lock.takenOver).toBe(true);
    await lock.release();
    await theirs.release();
  });
});
