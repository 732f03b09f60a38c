import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isRunning, processRef } from './processes.ts';
import { cleanLeftovers, Scratch } from './scratch.ts';

// A temporary directory of its own, so that rehearsals that run on this machine are left alone.
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'scratch-test-'));
  // For root too: a directory that PostgreSQL's user may not enter is not taken.
  chmodSync(directory, 0o755);
  vi.stubEnv('TMPDIR', directory);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });
});

/** A process that makes a scratch directory, starts another process, records it, and is killed. */
async function killedRehearsal() {
  const script = `
    const { Scratch } = require(${JSON.stringify(join(__dirname, 'scratch.ts'))});
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
    const scratch = new Scratch();
    scratch.record('app', child.pid, 'SIGTERM');
    console.log(JSON.stringify({ directory: scratch.directory, pid: child.pid }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(owner, 'exit');
  const [line] = await once(owner.stdout, 'data');
  const { directory, pid } = JSON.parse(String(line)) as { directory: string; pid: number };
  const child = processRef(pid);
  if (child === null) throw new Error('the recorded process is not there');
  const kill = () => {
    owner.kill('SIGKILL');
    return exited;
  };
  return { directory, child, kill };
}

describe('cleanLeftovers', () => {
  it('leaves a rehearsal alone that is still running, and ends and removes what is left of it when it was killed', async () => {
    const { directory, child, kill } = await killedRehearsal();
    expect(await cleanLeftovers()).toEqual([]);
    expect(isRunning(child)).toBe(true);
    await kill();
    expect(await cleanLeftovers()).toEqual([
      `Cleaned up after an earlier rehearsal: ended app (process ${child.pid}), removed ${directory}`,
    ]);
    expect(isRunning(child)).toBe(false);
    expect(existsSync(directory)).toBe(false);
    expect(await cleanLeftovers()).toEqual([]);
  });

  it('leaves directories alone that are not of a rehearsal', async () => {
    const other = join(tmpdir(), 'crdb-evolution-rehearsal-notes');
    mkdirSync(other);
    expect(await cleanLeftovers()).toEqual([]);
    writeFileSync(join(other, 'run.json'), 'not JSON');
    expect(await cleanLeftovers()).toEqual([]);
    expect(existsSync(other)).toBe(true);
  });
});

describe('a scratch directory', () => {
  it('goes as a whole', () => {
    const scratch = new Scratch();
    mkdirSync(scratch.path('postgres'));
    scratch.remove();
    expect(existsSync(scratch.directory)).toBe(false);
  });

  it('keeps its logs and its record only, when asked', () => {
    const scratch = new Scratch();
    for (const folder of ['postgres', 'credentials']) mkdirSync(scratch.path(folder));
    writeFileSync(scratch.path('postgres', 'postgres.log'), '');
    writeFileSync(scratch.path('credentials', 'writer-url'), 'secret');
    writeFileSync(scratch.path('app.log'), '');
    expect(readdirSync(scratch.keepLogs()).sort()).toEqual(['app.log', 'postgres.log', 'run.json']);
  });
});
