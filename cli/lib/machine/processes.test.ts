import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CommandFailed, endProcess, isRunning, processRef, run } from './processes.ts';

function start(script: string) {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, exited: once(child, 'exit'), ready: once(child.stdout, 'data') };
}

describe('a process reference', () => {
  it('holds while the process runs, and not for another one with the same id', async () => {
    const { child, ready, exited } = start('console.log(1); setInterval(() => {}, 1000)');
    await ready;
    const ref = processRef(child.pid ?? 0);
    if (ref === null) throw new Error('not found');
    expect(isRunning(ref)).toBe(true);
    expect(isRunning({ ...ref, started: 'another time' })).toBe(false);
    child.kill('SIGKILL');
    await exited;
    expect(isRunning(ref)).toBe(false);
    expect(processRef(child.pid ?? 0)).toBeNull();
  });

  it('ends its process, and one that ignores the signal too', async () => {
    for (const ignore of ['', "process.on('SIGTERM', () => {});"]) {
      const { child, ready, exited } = start(`${ignore} setInterval(() => {}, 1000); console.log(1)`);
      await ready;
      const ref = processRef(child.pid ?? 0);
      if (ref === null) throw new Error('not found');
      await endProcess(ref, 'SIGTERM', 300);
      const [, signal] = await exited;
      expect(signal).toBe(ignore === '' ? 'SIGTERM' : 'SIGKILL');
      await endProcess(ref, 'SIGTERM', 300);
    }
  });
});

it('a process that leads a group is ended with all that it has started', async () => {
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const leader = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const [line] = await once(leader.stdout, 'data');
  const [own, child] = [processRef(leader.pid ?? 0), processRef(Number(line))];
  if (own === null || child === null) throw new Error('not found');
  await endProcess(own, 'SIGKILL', 1000);
  await expect.poll(() => isRunning(child)).toBe(false);
});

describe('run', () => {
  it('kills the command when it is aborted', async () => {
    const abort = new AbortController();
    const running = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toThrow('ended with SIGKILL');
  });

  it('returns what the command wrote to both outputs', async () => {
    const output = await run(process.execPath, ['-e', 'console.log(1); console.error(2)']);
    expect(output.split('\n').sort()).toEqual(['', '1', '2']);
  });

  it('fails with what the command said', async () => {
    const failure = await run(process.execPath, ['-e', 'console.error("no"); process.exit(3)']).catch(
      (e) => e,
    );
    expect(failure).toBeInstanceOf(CommandFailed);
    expect(failure).toMatchObject({ message: `${process.execPath} ended with exit code 3`, output: 'no' });
  });

  it('fails when there is no such command', async () => {
    await expect(run('/no/such/command', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
