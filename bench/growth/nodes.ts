import { type ClusterAnswers, topologyOf as topologyFromMetrics } from '../../app/src/live/cluster.ts';
import { snapshotOf, topologyOf } from '../../app/src/live/testing.ts';
import { TOPOLOGY } from '../../app/src/live/topology.ts';
import { compare } from '../../cli/lib/compare/compare.ts';
import { evaluateAll } from '../../cli/lib/program/evaluate.ts';
import { median, milliseconds } from '../figures.ts';
import type { Growth } from './exponent.ts';

const NODES = [3, 5, 9];
const REPEATS = 2000;

/** What more nodes cost the program, the app and its page. */
export async function growthWithNodes(rounds: number): Promise<Growth[]> {
  const row = (cost: string, unit: string, costs: readonly number[]): Growth => ({
    of: 'nodes',
    sizes: NODES,
    cost,
    unit,
    costs,
  });
  const programs = [];
  for (const nodes of NODES) programs.push(await program(nodes, rounds));
  return [
    row(
      'resources of the program',
      'resources',
      programs.map((p) => p.resources),
    ),
    row(
      'two evaluations of the program',
      'ms',
      programs.map((p) => p.evaluationMs),
    ),
    row(
      'comparison of the two',
      'ms',
      programs.map((p) => p.comparisonMs),
    ),
    row(
      'what a page gets each second',
      'bytes',
      NODES.map((nodes) => Buffer.byteLength(snapshot(nodes))),
    ),
    row(
      'to write that as JSON',
      'us',
      NODES.map((nodes) => micros(() => snapshot(nodes))),
    ),
    row(
      'to check a reported topology',
      'us',
      NODES.map((nodes) => {
        const reported = topology(nodes);
        return micros(() => TOPOLOGY.parse(reported));
      }),
    ),
    row(
      'to read a topology from metrics',
      'us',
      NODES.map((nodes) => {
        const answers = metrics(nodes);
        return micros(() => topologyFromMetrics(answers, { writer: 'app_writer', reader: 'app_reader' }));
      }),
    ),
  ];
}

async function program(nodes: number, rounds: number) {
  const [evaluation, comparison]: [number[], number[]] = [[], []];
  let resources = 0;
  const stack = (override: object) => ({ stack: 'phase2', override: { nodes, ...override } });
  for (let round = 0; round < rounds; round += 1) {
    let found: Awaited<ReturnType<typeof evaluateAll>> = [];
    evaluation.push(
      await milliseconds(async () => {
        found = await evaluateAll([stack({ readerUserEnabled: false }), stack({})]);
      }),
    );
    const [before, after] = found;
    if (before === undefined || after === undefined) throw new Error('it was not evaluated');
    comparison.push(await milliseconds(async () => compare(before, after)));
    resources = after.resources.length;
  }
  return { resources, evaluationMs: median(evaluation), comparisonMs: median(comparison) };
}

const topology = (nodes: number) =>
  topologyOf(Array.from({ length: nodes }, (_, i) => ({ copies: [60, 0, 20 + i] as const })));

const snapshot = (nodes: number) => JSON.stringify(snapshotOf({ topology: topology(nodes) }));

function metrics(nodes: number): ClusterAnswers {
  const each = (value: number) => new Map(Array.from({ length: nodes }, (_, i) => [`crdb-${i}:8080`, value]));
  const all = (value: number) => new Map([['', value]]);
  return {
    scraped: all(1_700_000_000),
    up: each(1),
    known: each(1),
    copies: each(60),
    leases: each(20),
    total: all(60),
    underReplicated: all(0),
    unavailable: all(0),
  };
}

/** Median of five, each the mean of many, after as many that do not count. */
function micros(work: () => unknown): number {
  const times: number[] = [];
  for (let sample = 0; sample < 6; sample += 1) {
    const begin = performance.now();
    for (let i = 0; i < REPEATS; i += 1) work();
    times.push(((performance.now() - begin) * 1000) / REPEATS);
  }
  return median(times.slice(1));
}
