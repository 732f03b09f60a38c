import { expect, it } from 'vitest';
import { COMMANDS } from '../src/contract.ts';
import { SWITCHES, switchState, toggleCommand } from './load-switches.ts';

const load = (readers: boolean, writers: boolean) => ({ readers, writers, readerRps: 20, writerRps: 5 });

it('says what runs and what it aims at', () => {
  expect(switchState('load', load(true, true))).toEqual({ on: 'on', words: 'on, 25/s wanted' });
  expect(switchState('readers', load(true, false))).toEqual({ on: 'on', words: 'on, 20/s wanted' });
  expect(switchState('writers', load(true, false))).toEqual({ on: 'off', words: 'off' });
  expect(switchState('load', load(true, false))).toEqual({ on: 'partly', words: 'readers only' });
});

it('stops what runs, and starts what does not run or only in part', () => {
  expect(toggleCommand('load', load(true, true))).toBe('stop-load');
  expect(toggleCommand('load', load(false, true))).toBe('start-load');
  expect(toggleCommand('writers', load(true, false))).toBe('start-writers');
});

it('only ever sends commands that the server knows', () => {
  for (const name of SWITCHES) {
    expect(COMMANDS).toContain(toggleCommand(name, load(true, true)));
    expect(COMMANDS).toContain(toggleCommand(name, load(false, false)));
  }
});
