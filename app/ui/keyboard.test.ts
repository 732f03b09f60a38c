import { expect, it } from 'vitest';
import { shortcutFor } from './keyboard.ts';

const shortcuts = ['s', '?'].map((key) => ({ key, does: '', run: () => {} }));
const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  target: { tagName: 'BODY' },
  ...more,
});
const keyOf = (event: ReturnType<typeof press>) => shortcutFor(event, shortcuts)?.key;

it('finds the shortcut, also with caps lock on', () => {
  expect(keyOf(press('s'))).toBe('s');
  expect(keyOf(press('S'))).toBe('s');
  expect(keyOf(press('?'))).toBe('?');
  expect(keyOf(press('z'))).toBeUndefined();
});

it.each(['INPUT', 'TEXTAREA', 'SELECT'])('leaves what is typed into %s alone', (tagName) => {
  expect(keyOf(press('s', { target: { tagName } }))).toBeUndefined();
});

it("leaves the browser's own shortcuts and held keys alone", () => {
  for (const held of ['ctrlKey', 'metaKey', 'altKey', 'repeat']) {
    expect(keyOf(press('s', { [held]: true }))).toBeUndefined();
  }
});

it('works while a button or a slider has the focus', () => {
  expect(keyOf(press('s', { target: { tagName: 'INPUT', type: 'range' } }))).toBe('s');
  expect(keyOf(press('s', { target: { tagName: 'BUTTON' } }))).toBe('s');
});
