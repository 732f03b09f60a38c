import { expect, it } from 'vitest';
import { refusalOf } from './connection.ts';

it('takes the code off a refusal', () => {
  expect(refusalOf(new Error('token_required: Commands need the control token.'))).toEqual({
    code: 'token_required',
    message: 'Commands need the control token.',
  });
});

it('leaves other messages whole', () => {
  const message = 'Server returned an error on close: Connection closed.';
  expect(refusalOf(new Error(message))).toEqual({ code: null, message });
  expect(refusalOf('odd')).toEqual({ code: null, message: 'odd' });
});
