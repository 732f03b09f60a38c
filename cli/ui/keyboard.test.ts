import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { Keyboard, SILENCE_MS } from './keyboard.ts';

const running = new AbortController().signal;

function keyboard(options: { terminal: boolean }) {
  const setRawMode = vi.fn();
  const input = Object.assign(new PassThrough(), options.terminal ? { isTTY: true, setRawMode } : {});
  const onInterrupt = vi.fn();
  const keys = new Keyboard(input as unknown as NodeJS.ReadStream, onInterrupt);
  return { input, keys, onInterrupt, setRawMode };
}

describe('in a terminal', () => {
  it('each key counts at once', async () => {
    const { input, keys } = keyboard({ terminal: true });
    for (const [typed, key] of [
      ['\r', 'next'],
      [' ', 'next'],
      ['s', 'spike'],
      ['k', 'kill'],
      ['c', 'cockroach'],
      ['Q', 'quit'],
      ['\x04', 'quit'],
    ]) {
      const next = keys.next(running);
      input.write(`x${typed}`);
      expect(await next).toBe(key);
    }
  });

  it('a key hit while nobody waits is dropped, except q', async () => {
    const { input, keys } = keyboard({ terminal: true });
    input.write('\r\rq\r');
    await new Promise(setImmediate);
    expect(await keys.next(running)).toBe('quit');
    const next = keys.next(running);
    input.write('s');
    expect(await next).toBe('spike');
  });

  it('Ctrl-C interrupts at once, whether anybody waits or not', async () => {
    const { input, onInterrupt } = keyboard({ terminal: true });
    input.write('\x03');
    await new Promise(setImmediate);
    expect(onInterrupt).toHaveBeenCalledOnce();
  });

  it('single keys are read until it is closed', () => {
    const { keys, setRawMode } = keyboard({ terminal: true });
    keys.close();
    expect(setRawMode.mock.calls).toEqual([[true], [false]]);
  });
});

describe('without a terminal', () => {
  it('an input that stays open and says nothing counts as none', async () => {
    vi.useFakeTimers();
    try {
      const { input, keys } = keyboard({ terminal: false });
      const first = keys.next(running);
      await vi.advanceTimersByTimeAsync(SILENCE_MS - 1000);
      input.write('s\n');
      expect(await first).toBe('spike');
      // Somebody is there: from now on it may take its time.
      let second: unknown = 'nothing yet';
      void keys.next(running).then((key) => {
        second = key;
      });
      await vi.advanceTimersByTimeAsync(10 * SILENCE_MS);
      expect(second).toBe('nothing yet');
      const other = keyboard({ terminal: false });
      const none = other.keys.next(running);
      await vi.advanceTimersByTimeAsync(SILENCE_MS);
      expect(await none).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('each line counts, in order, however the input is cut', async () => {
    const { input, keys } = keyboard({ terminal: false });
    for (const part of ['\n', 's', '\r\nhello\n', 'q\n']) input.write(part);
    const read = [await keys.next(running), await keys.next(running), await keys.next(running)];
    expect(read).toEqual(['next', 'spike', 'quit']);
  });

  it('answers null when the input has ended and every key was taken', async () => {
    const { input, keys } = keyboard({ terminal: false });
    input.end('\n');
    expect([await keys.next(running), await keys.next(running), await keys.next(running)]).toEqual([
      'next',
      null,
      null,
    ]);
  });
});

it('waiting ends when the signal is aborted', async () => {
  const { keys } = keyboard({ terminal: false });
  const controller = new AbortController();
  const next = keys.next(controller.signal);
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await expect(keys.next(controller.signal)).rejects.toThrow('enough');
});
