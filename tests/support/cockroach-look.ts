import { expect } from 'vitest';
import { REPLICATION, replicationOf } from '../../cli/lib/cluster/replication.ts';
import { hasTables, listBackups } from '../../components/database/backup.ts';
import type { Database } from '../../components/database/sql.ts';
import { knownStores, topologyNodes } from '../../components/database/topology.ts';
import { copiesOf, remainingStatements } from '../../components/database/zones.ts';
import { dashboardExpressions, ruleExpressions } from './observability.ts';
import { Expression, withoutVariables } from './promql.ts';

/** All that the product reads of a cluster without changing it, and its readers. */
export async function lookOnly(
  database: Database,
  backups: string | null,
  nodesSeen: 'all' | 'one' = 'all',
): Promise<void> {
  const nodes = await database.nodes();
  expect(nodes.length).toBeGreaterThan(0);
  for (const node of nodes) {
    expect(node.problem, node.pod).toBeUndefined();
    expect(node.ready, node.pod).toBe(true);
    expect(node.metrics, node.pod).toMatchObject({
      liveness_livenodes: expect.any(Number),
      ranges: expect.any(Number),
      ranges_underreplicated: expect.any(Number),
      ranges_unavailable: expect.any(Number),
      ranges_overreplicated: expect.any(Number),
      replicas_leaseholders: expect.any(Number),
      queue_replicate_purgatory: expect.any(Number),
    });
    expect(node.stores, node.pod).not.toEqual([]);
  }
  const zones = await database.query({ text: REPLICATION.zones });
  const rows = await database.query({ text: REPLICATION.ranges });
  const replication = replicationOf(zones, rows, nodes);
  expect(replication.replicas).toBeGreaterThan(0);
  expect(replication.ranges).toBe(rows.length);
  // Each range has its voters on a store that a node reports, where all of them are asked.
  const shown = topologyNodes(nodes, rows, knownStores({}, nodes), []);
  const voters = rows.reduce((sum, row) => sum + (row.voting_replicas ?? '').split(',').length, 0);
  const counted = shown.reduce((sum, node) => sum + node.voters, 0);
  if (nodesSeen === 'all') expect(counted).toBe(voters);
  else expect(counted).toBeLessThanOrEqual(voters);
  expect(() => remainingStatements(zones, copiesOf(3))).not.toThrow();
  const users = (await database.query({ text: 'SHOW USERS' })).map((row) => row.username);
  expect(users).toContain('root');
  await hasTables(database);
  if (backups !== null)
    expect(await listBackups({ destination: backups }, database)).toEqual(expect.any(Array));
}

/** What the app and Prometheus expose themselves. */
const ELSEWHERE = /^(witness|spike|http|db|evolution|process|nodejs|up$|ALERTS$)/;

/** Series that a dashboard or an alert asks the database or the load for, and that none of these pages has. */
export function missingSeries(pages: readonly string[]): string[] {
  const exposed = new Set(pages.flatMap((page) => page.match(/^[a-zA-Z_:][\w:]*/gm) ?? []));
  const asked = [...dashboardExpressions(), ...ruleExpressions()].flatMap(({ expr }) =>
    new Expression(withoutVariables(expr)).selectors.map(({ metric }) => metric),
  );
  return [...new Set(asked)].filter((metric) => !ELSEWHERE.test(metric) && !exposed.has(metric)).sort();
}
