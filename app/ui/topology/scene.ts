import type { NodeState, Snapshot, Topology, TopologyNode } from '../../src/contract.ts';
import { answered } from '../../src/live/series.ts';
import { formatAge, formatCount } from '../common/format.ts';
import { type Dot, dotsOf, dotUnit, isFresh } from './copies.ts';

export interface SceneNode {
  /** The same node from one second to the next. */
  readonly key: string;
  /** Empty when its name is unknown. */
  readonly name: string;
  readonly state: NodeState;
  readonly dots: readonly Dot[];
}

export interface SceneFrame {
  readonly kind: 'seen' | 'one' | 'simulated';
  readonly title: string;
  readonly nodes: readonly SceneNode[];
}

/** One of the ways of the app into the first frame. */
export interface ScenePath {
  readonly title: string;
  readonly user: string;
  readonly silent: boolean;
  /** Requests a second. */
  readonly rate: number;
  /** Of the first frame; null when a Service chooses the node. */
  readonly node: number | null;
}

/** What is drawn of the nodes: pure words and numbers, without places. */
export interface Scene {
  readonly frames: readonly SceneFrame[];
  readonly writer: ScenePath;
  readonly reader: ScenePath;
  /** The topology was not reported for a while. */
  readonly stale: boolean;
  readonly captions: readonly string[];
  /** The kinds of dots that are drawn. */
  readonly legend: readonly Dot[];
}

const BY: Readonly<Record<Topology['source'], string>> = {
  rehearsal: 'by the rehearsal',
  evolve: 'by evolve',
  prometheus: 'through Prometheus',
};

const DOTS: readonly Dot[] = ['lease', 'voter', 'copy', 'follower'];

export function sceneOf(snapshot: Snapshot): Scene {
  const { topology, paths, routes } = snapshot;
  const seen = topology !== null && !topology.simulated ? topology : null;
  const simulated = topology?.simulated ? topology : null;
  const frames = [
    seen === null ? oneDatabase(snapshot, simulated !== null) : frameOf(seen, 'seen', 'The database'),
    ...(simulated !== null && simulated.nodes.length > 1
      ? [frameOf(simulated, 'simulated', 'Simulated')]
      : []),
  ];
  const node = (name: string | null | undefined) => {
    if (seen === null) return 0;
    const index = seen.nodes.findIndex((each) => each.name === name);
    return index === -1 ? null : index;
  };
  const dots = new Set(frames.flatMap(({ nodes }) => nodes.flatMap((each) => each.dots)));
  return {
    frames,
    writer: {
      title: 'Writes',
      user: paths.writer.user,
      silent: paths.writer.silentMs !== 0,
      rate: answered(routes.login),
      node: node(topology?.writer.node),
    },
    reader: {
      title: 'Reads',
      user: paths.reader.user,
      silent: paths.reader.silentMs !== 0,
      rate: answered(routes.search),
      node: node(topology?.reader.node),
    },
    stale: topology !== null && !isFresh(topology, snapshot.at),
    captions: captionsOf(snapshot),
    legend: DOTS.filter((dot) => dots.has(dot)),
  };
}

/** All that the app itself sees: one database, that answers or does not. */
function oneDatabase({ paths }: Snapshot, rehearsed: boolean): SceneFrame {
  const away = paths.writer.silentMs !== 0 && paths.reader.silentMs !== 0;
  return {
    kind: 'one',
    title: rehearsed ? 'PostgreSQL' : 'The database',
    nodes: [{ key: 'one', name: '', state: away ? 'dead' : 'live', dots: [] }],
  };
}

function frameOf({ nodes }: Topology, kind: SceneFrame['kind'], title: string): SceneFrame {
  const unit = dotUnit(nodes);
  return {
    kind,
    title,
    nodes: nodes.map((node: TopologyNode) => ({
      key: `${kind} ${node.name}`,
      name: node.name,
      state: node.state,
      dots: dotsOf(node, unit),
    })),
  };
}

function captionsOf({ topology, topologyProblem, at }: Snapshot): string[] {
  if (topology === null) return [`Its nodes are not visible from here. ${topologyProblem ?? ''}`.trim()];
  const { nodes, ranges, source, simulated } = topology;
  if (simulated && nodes.length === 1) return [];
  const unit = dotUnit(nodes);
  const age = at - topology.at;
  return [
    ...(ranges !== null && ranges.underReplicated > 0
      ? [`${formatCount(ranges.underReplicated)} of ${formatCount(ranges.total)} ranges lack a copy`]
      : []),
    unit === 1 ? 'a dot is a copy of a range' : `a dot is ${formatCount(unit)} copies`,
    ...(simulated ? [] : [`seen ${formatAge(age)} ago ${BY[source]}`]),
  ];
}

/** For those who do not see it. */
export function describe({ frames, writer, reader }: Scene): string {
  const count = (dots: readonly Dot[], kind: Dot) => dots.filter((dot) => dot === kind).length;
  const nodes = frames.map(
    ({ title, nodes }) =>
      `${title}: ${nodes
        .map(({ name, state, dots }) => {
          const votes = count(dots, 'lease') + count(dots, 'voter');
          const copies = dots.length === 0 ? '' : `, ${votes} dots vote, ${count(dots, 'follower')} follow`;
          return `${name || 'one database'} ${STATES[state] || 'live'}${copies}`;
        })
        .join('; ')}`,
  );
  const path = ({ title, user, silent }: ScenePath) => `${title} as ${user}${silent ? ' get no answer' : ''}`;
  return `${nodes.join('. ')}. ${path(writer)}, ${path(reader)}.`;
}

/** What is said of a node beside its name. */
export const STATES: Readonly<Record<NodeState, string>> = {
  live: '',
  joining: 'joins',
  draining: 'leaves',
  dead: 'down',
};
