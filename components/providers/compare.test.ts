import { expect, it } from 'vitest';
import { compare } from './compare.ts';

const address = { context: '', namespace: 'crdb' };
const olds = { address, nodes: 1, code: 'old' };
const watched = { update: ['nodes'] };
const changed = (news: object) => compare(olds, { ...olds, ...news }, watched);

it('a change of a watched input is an update, and a change of anything else is none', () => {
  expect(changed({ nodes: 2 })).toEqual({ changes: true, replaces: [] });
  expect(changed({ code: 'new' })).toEqual({ changes: false, replaces: [] });
});

it('another namespace or another name is another cluster, and another context is not', () => {
  const other = { changes: true, replaces: ['address'] };
  expect(changed({ address: { ...address, namespace: 'b' } })).toEqual(other);
  expect(changed({ address: { ...address, cluster: 'orders' } })).toEqual(other);
  expect(changed({ address: { ...address, cluster: 'crdb' } })).toEqual({ changes: false, replaces: [] });
  expect(changed({ address: { ...address, context: 'kind' } })).toEqual({ changes: false, replaces: [] });
});
