import { describe, expect, it } from 'vitest';
import { replicationScript } from '../replication.ts';
import { copiesOf, remainingStatements, zoneStatements } from './zones.ts';

/** As CockroachDB prints it. Source: facts of CockroachDB v26.2, 1.2 and 1.5. */
const row = (target: string, ...fields: string[]) => ({
  target,
  raw_config_sql: `ALTER ${target} CONFIGURE ZONE USING\n\trange_min_bytes = 134217728,\n\tgc.ttlseconds = 600,\n\t${[...fields, "constraints = '[]'"].join(',\n\t')},\n\tlease_preferences = '[]'`,
});

describe('the statements of a replication factor', () => {
  it.each([1, 2, 3])('%i: the function says what the file of the phase says', (factor) => {
    expect(zoneStatements(copiesOf(factor))).toEqual(replicationScript(factor).statements);
    expect(replicationScript(factor).file).toMatch(/^\d\d-phase\d-rf\d\.sql$/);
  });

  it.each([5, 7])('%i: the same zones, all copies voting', (factor) => {
    const { statements, lines } = replicationScript(factor);
    expect(statements).toHaveLength(5);
    expect(lines).toBe('1 2 3 4 5');
    for (const text of statements) expect(text).toContain(`num_replicas = ${factor}, num_voters = ${factor}`);
  });

  it('2: one copy votes, and one does not', () => {
    expect(copiesOf(2)).toEqual({ replicas: 2, voters: 1 });
  });
});

describe('the zones that remain', () => {
  const copies = copiesOf(3);

  it('are those that name another number, spelled as CockroachDB spells them', () => {
    const zones = [
      row('RANGE default', 'num_replicas = 3', 'num_voters = 3'),
      row('TABLE system.public."odd ""name"', 'num_replicas = 5'),
      row('DATABASE shop', 'num_replicas = 3', 'num_voters = 1'),
      row('PARTITION p OF INDEX shop.public.t@t_pkey', 'num_voters = 1'),
    ];
    expect(remainingStatements(zones, copies)).toEqual([
      'ALTER TABLE system.public."odd ""name" CONFIGURE ZONE USING num_replicas = 3, num_voters = 3',
      'ALTER DATABASE shop CONFIGURE ZONE USING num_replicas = 3, num_voters = 3',
      'ALTER PARTITION p OF INDEX shop.public.t@t_pkey CONFIGURE ZONE USING num_replicas = 3, num_voters = 3',
    ]);
  });

  it('are not those that inherit their numbers', () => {
    const inheriting = [
      row('TABLE system.public.replication_stats'),
      { target: 'TABLE x', raw_config_sql: null },
    ];
    expect(remainingStatements(inheriting, copies)).toEqual([]);
  });

  it('must be readable: a zone that is skipped by mistake would stay under-replicated for ever', () => {
    const strange = [{ target: 'RANGE meta', raw_config_sql: 'num_replicas: 5' }];
    expect(() => remainingStatements(strange, copies)).toThrow('RANGE meta cannot be read: num_replicas: 5');
  });
});
