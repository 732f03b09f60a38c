import { expect, it } from 'vitest';
import { findSecrets } from './secrets.ts';

// Put together here, so that this file holds none.
const key = ['-----BEGIN RSA PRIVATE', ' KEY-----\n', 'MIIEow'.repeat(12), '\n-----END'].join('');

it.each([
  ['a private key', key],
  ['an address with a password', `postgres://app:${'x'.repeat(8)}@db:26257/evolution`],
  ['a password or token', `password: '${'correct-horse'}'`],
  ['a key of AWS', `AKIA${'Z'.repeat(16)}`],
  ['a secret key of AWS', `?AWS_SECRET_ACCESS_KEY=${'a'.repeat(40)}`],
  ['a token of GitHub', `ghp_${'a'.repeat(36)}`],
  ['a key of Google', `"private_key_id": "${'0a'.repeat(20)}"`],
  ['a state of Pulumi', ['encryption', `salt: v1:${'c'.repeat(12)}=:v1:${'d'.repeat(16)}`].join('')],
  ['a state of Pulumi', ['"cipher', `text": "v1:${'b'.repeat(30)}"`].join('')],
])('finds %s, and the line where it is', (what, text) => {
  expect(findSecrets(`first line\n${text}`)).toMatchObject([{ what, line: 2 }]);
});

it('leaves alone what only speaks of secrets', () => {
  const text =
    'postgres://app@db:26257/evolution, password: <value>, secretName: crdb-node-tls, token?: string, encryptionsalt: saltOf(somebody.passphrase)';
  expect(findSecrets(text)).toEqual([]);
});
