import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenForStop, type Stop } from './stop.ts';

describe('a signal during a step', () => {
  let stop: Stop | undefined;
  afterEach(() => {
    stop?.end();
    vi.useRealTimers();
  });

  /** Counts how often what runs was told to end. */
  function listening() {
    vi.useFakeTimers({ now: 1_000_000 });
    stop = listenForStop();
    const told = vi.fn();
    stop.interrupts.add(told);
    return { stop, told };
  }

  it('ends what runs, and gives the exit code of the first that came', () => {
    const { stop, told } = listening();
    process.emit('SIGTERM');
    expect(told).toHaveBeenCalledTimes(1);
    expect(stop.signal.aborted).toBe(true);
    vi.advanceTimersByTime(60_000);
    process.emit('SIGINT');
    expect(stop.exitCode).toBe(143);
  });

  it('is the same press when it comes again within seconds: Pulumi would end at once, in the middle of a change', () => {
    const { stop, told } = listening();
    process.emit('SIGINT');
    vi.advanceTimersByTime(19_000);
    process.emit('SIGINT');
    stop.press();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is passed on again when somebody means it, later', () => {
    const { told } = listening();
    process.emit('SIGINT');
    vi.advanceTimersByTime(21_000);
    process.emit('SIGINT');
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('is not listened for after the end', () => {
    const { stop, told } = listening();
    stop.end();
    expect(process.listenerCount('SIGHUP')).toBe(0);
    expect(told).not.toHaveBeenCalled();
  });

  it('is also an output that nobody reads any more, where a command wants it so', () => {
    stop = listenForStop({ withOutput: true });
    process.stdout.emit('error', new Error('EPIPE'));
    expect(stop.signal.reason).toMatchObject({ message: 'interrupted', exitCode: 129 });
    expect(stop.exitCode).toBe(129);
  });
});
