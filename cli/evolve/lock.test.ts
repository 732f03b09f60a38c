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
import { Fault } from '../errors.ts';
import { takeLock } from './lock.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
  mkdirSync(join(directory, '.state'));
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
const refusal = () => {
  try {
    takeLock(directory, 'npm run evolve -- phase2');
  } catch (error) {
    return error as Fault;
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
  it('is there while the step goes on, and gone after it', () => {
    const lock = takeLock(directory, 'npm run evolve -- phase1');
    expect(lock.takenOver).toBe(false);
    expect(existsSync(file())).toBe(true);
    lock.release();
    expect(existsSync(file())).toBe(false);
  });

  it('refuses a second step, and says who is at it', async () => {
    await pretend('node cli/main.ts evolve phase1', (pid) => {
      heldBy({ pid });
      const fault = refusal();
      expect(fault).toBeInstanceOf(Fault);
      expect(fault?.code).toBe('EVO-205');
      expect(fault?.message).toContain(`npm run evolve -- phase1, process ${pid} of ann`);
    });
  });

  it('is taken over from a process that is gone, or whose number is another now', async () => {
    await pretend('something else', (pid) => {
      heldBy({ pid });
      const lock = takeLock(directory, 'x');
      expect(lock.takenOver).toBe(true);
      expect(lock.orphan).toBeUndefined();
      lock.release();
    });
  });

  it('is taken over when it is damaged', () => {
    writeFileSync(file(), '{"pid": 1');
    expect(takeLock(directory, 'x').takenOver).toBe(true);
  });

  it('tells what a killed run has left behind at work', async () => {
    await pretend('pulumi', (child) => {
      heldBy({ pid: 2 ** 22 + 1, child });
      expect(takeLock(directory, 'x').orphan).toBe(child);
    });
  });

  it('still tells it when the run that took it over was killed as well', async () => {
    await pretend('pulumi', (child) => {
      heldBy({ pid: 2 ** 22 + 1, child });
      const second = { pid: 2 ** 22 + 2, hostname: hostname(), looksLike: (pid: number) => pid === child };
      takeLock(directory, 'x', second);
      expect(takeLock(directory, 'x').orphan).toBe(child);
    });
  });

  it('is left alone by a run that lost it', () => {
    const lost = takeLock(directory, 'x');
    rmSync(file());
    heldBy({ pid: 1 });
    const theirs = readFileSync(file(), 'utf8');
    lost.working(7);
    lost.release();
    expect(readFileSync(file(), 'utf8')).toBe(theirs);
  });

  it('is the only file that it leaves while it is held, and whole at any moment', () => {
    const lock = takeLock(directory, 'x');
    for (const child of [7, undefined]) {
      lock.working(child);
      expect(JSON.parse(readFileSync(file(), 'utf8')).child).toBe(child);
      expect(readdirSync(join(directory, '.state'))).toEqual(['evolve.lock']);
    }
    lock.release();
    expect(readdirSync(join(directory, '.state'))).toEqual([]);
  });

  it('is not judged from another machine', () => {
    heldBy({ pid: 1, hostname: 'elsewhere' });
    const fault = refusal();
    expect(fault?.code).toBe('EVO-206');
    expect(fault?.next).toContain('rm ');
  });
});
