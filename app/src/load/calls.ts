import { randomBytes } from 'node:crypto';
import type { Call } from './http-client.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const USERS = 5000;

/** A login of one of a few thousand users. */
export function loginCall(): Call {
  return {
    method: 'POST',
    path: '/login',
    body: JSON.stringify({ userId: `user-${randomBytes(2).readUInt16BE() % USERS}` }),
  };
}

/** A search for one or two letters, as someone who has just begun to type. */
export function searchCall(): Call {
  const letter = () => LETTERS[Math.floor(Math.random() * LETTERS.length)];
  return { method: 'GET', path: `/search?q=${letter()}${Math.random() < 0.5 ? letter() : ''}` };
}
