import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { CLUSTER_QUERIES, Cluster, type ClusterAnswers, topologyOf } from './cluster.ts';
import { LatestTopology } from './topology.ts';

const users = { writer: 'app_writer', reader: 'app_reader' };
const by = (values: Record<string, number>) => new Map(Object.entries(values));
const three: ClusterAnswers = {
  scraped: by({ '': 1000 }),
  up: by({ 'crdb-0': 1, 'crdb-1': 0 }),
  known: by({ 'crdb-0': 1, 'crdb-1': 1, 'crdb-2': 1, 'crdb-3': 1 }),
  copies: by({ 'crdb-0': 60, 'crdb-1': 60, 'crdb-3': 0 }),
  leases: by({ 'crdb-0': 31 }),
  total: by({ '': 60 }),
  underReplicated: by({ '': 12 }),
  unavailable: by({ '': 0 }),
};

it('sees who answers, who does not, and who is gone; and does not claim to know which copies vote', () => {
  const answers = { ...three, up: by({ 'crdb-0': 1, 'crdb-1': 0, 'crdb-3': 1 }) };
  expect(topologyOf(answers, users)).toEqual({
    at: 1_000_000,
    source: 'prometheus',
    simulated: false,
    nodes: [
      { name: 'crdb-0', state: 'live', voters: 0, nonVoters: 0, otherCopies: 60, leases: 31 },
      { name: 'crdb-1', state: 'dead', voters: 0, nonVoters: 0, otherCopies: 60, leases: 0 },
      { name: 'crdb-2', state: 'dead', voters: 0, nonVoters: 0, otherCopies: 0, leases: 0 },
      { name: 'crdb-3', state: 'joining', voters: 0, nonVoters: 0, otherCopies: 0, leases: 0 },
    ],
    ranges: { total: 60, underReplicated: 12, unavailable: 0 },
    writer: { user: 'app_writer', node: null },
    reader: { user: 'app_reader', node: null },
  });
});

it('sees nothing where Prometheus knows no node', () => {
  expect(topologyOf({ ...three, known: by({}) }, users)).toBeNull();
  expect(topologyOf({ ...three, total: by({}) }, users)?.ranges).toBeNull();
});

it('asks Prometheus, keeps what it saw when that goes away, and says why it sees nothing new', async () => {
  let up = true;
  const server = createServer((request, response) => {
    if (!up) return void response.writeHead(503).end();
    const query = new URL(request.url ?? '', 'http://host').searchParams.get('query') ?? '';
    const byNode = query.includes('by (instance)');
    const result = [
      { metric: byNode ? { instance: 'crdb-0' } : {}, value: [0, query.startsWith('max') ? '1' : '50'] },
    ];
    response.end(JSON.stringify({ status: 'success', data: { result } }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const topology = new LatestTopology();
  const prometheusUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cluster = new Cluster({ prometheusUrl, users: () => users, topology });
  await cluster.refresh();
  expect(cluster.problem).toBeNull();
  expect(topology.latest).toMatchObject({
    at: 50_000,
    nodes: [{ name: 'crdb-0', state: 'live', otherCopies: 50, leases: 50 }],
  });
  up = false;
  await cluster.refresh();
  expect(cluster.problem).toBe('Prometheus does not answer.');
  expect(topology.latest?.at).toBe(50_000);
});

it('asks for its own job only, so that other clusters in the same Prometheus are not mixed in', () => {
  for (const query of Object.values(CLUSTER_QUERIES)) expect(query).toContain('{job="cockroachdb"}');
});
