import type { NodeState, Snapshot, Topology } from '../src/contract.ts';
import { answered } from '../src/live/series.ts';
import { formatAge, formatCount } from './common/format.ts';
import { capital, ordinal, word } from './common/words.ts';
import { type Level, NOTICEABLE_GAP_MS } from './readings.ts';
import type { Status } from './status.ts';
import { copiesOf, isFresh } from './topology/copies.ts';

export interface Sentence {
  readonly text: string;
  readonly level: Level;
}

const calm = (text: string): Sentence => ({ text, level: 'calm' });
const watch = (text: string): Sentence => ({ text, level: 'watch' });
const alarm = (text: string): Sentence => ({ text, level: 'alarm' });

/** What is going on, in words for the last row: the gravest thing first. `snapshot`: null before the first one. */
export function sentenceOf(snapshot: Snapshot | null, status: Status): Sentence {
  if (status.state === 'full') return watch('The app takes no more pages: this one retries by itself.');
  if (snapshot === null) return watch('Waiting for the app.');
  if (status.state === 'stalled' || status.state === 'reconnecting')
    return watch(`The app does not answer: the values shown are old, ${status.age}.`);
  return (
    lost(snapshot) ??
    silence(snapshot) ??
    trouble(snapshot) ??
    failures(snapshot) ??
    change(snapshot) ??
    steady(snapshot)
  );
}

function lost({ witness: { lost, duplicated } }: Snapshot): Sentence | undefined {
  if (lost > 0)
    return alarm(`${lost === 1 ? 'One acknowledged write is' : `${lost} acknowledged writes are`} lost.`);
  if (duplicated > 0) return alarm(`${formatCount(duplicated)} acknowledged writes exist more than once.`);
  return undefined;
}

function silence({ paths: { writer, reader } }: Snapshot): Sentence | undefined {
  const [writes, reads] = [writer.silentMs, reader.silentMs];
  if (writes === 0 && reads === 0) return undefined;
  // That it never answered has no length.
  const length = (ms: number | null) => (ms === null ? '' : `, ${formatAge(ms)}`);
  if (reads === 0)
    return alarm(`Writes get no answer${length(writes)}; reads do. Nothing acknowledged is lost.`);
  if (writes === 0) return alarm(`Reads get no answer${length(reads)}; writes do.`);
  if (writes === null || reads === null) return alarm('The database has not answered yet.');
  return alarm(
    `The database does not answer${length(Math.max(writes, reads))}. Nothing acknowledged is lost.`,
  );
}

/** Nodes that are down, and ranges that are unavailable. */
function trouble(snapshot: Snapshot): Sentence | undefined {
  const topology = freshOf(snapshot);
  if (topology === null) return undefined;
  const { ranges, nodes, simulated } = topology;
  if (ranges !== null && ranges.unavailable > 0) {
    const text = `${ranges.unavailable} of ${ranges.total} ranges have no majority: their data is unavailable for now.`;
    return alarm(simulated ? asSimulated(text) : text);
  }
  const dead = inState(topology, 'dead');
  if (dead === 0) return undefined;
  const text = down(dead, nodes.length);
  return watch(simulated ? asSimulated(`${text}.`) : `${text}${consequence(snapshot, dead)}`);
}

/** What is being done to the nodes while all goes well. */
function change(snapshot: Snapshot): Sentence | undefined {
  const topology = freshOf(snapshot);
  const text = topology === null ? undefined : changeText(topology);
  return text === undefined ? undefined : calm(topology?.simulated ? asSimulated(text) : text);
}

function changeText(topology: Topology): string | undefined {
  const { ranges, nodes } = topology;
  const all = nodes.length;
  const draining = inState(topology, 'draining');
  if (draining > 0) return `${of(draining, all)} hands over its work and leaves.`;
  if (inState(topology, 'joining') > 0)
    return all === 1 ? 'The first node starts.' : `A ${ordinal(all)} node joins, and requests continue.`;
  if (ranges === null || ranges.underReplicated === 0) return undefined;
  return `${capital(word(all))} nodes: ${ranges.underReplicated} of ${ranges.total} ranges still get a copy, and requests continue.`;
}

function freshOf({ topology, at }: Snapshot): Topology | null {
  return topology !== null && isFresh(topology, at) ? topology : null;
}

function inState({ nodes }: Topology, state: NodeState): number {
  return nodes.filter((node) => node.state === state).length;
}

function down(dead: number, all: number): string {
  if (all === 1) return 'The only node is down';
  return `${of(dead, all)} ${dead === 1 ? 'is' : 'are'} down`;
}

/** Says that no request fails only while that is true: a node is left, and neither writes nor reads wait. */
function consequence(snapshot: Snapshot, dead: number): string {
  const { failed } = rates(snapshot);
  if (failed > 0) return `, and ${formatCount(failed)} requests a second fail.`;
  const { writes, reads } = snapshot.witness;
  const waits = Math.max(writes.currentGapMs, reads.currentGapMs) > NOTICEABLE_GAP_MS;
  const left = (snapshot.topology?.nodes.length ?? 0) > dead;
  return left && !waits ? ', and no request fails.' : '.';
}

function failures(snapshot: Snapshot): Sentence | undefined {
  const { failed, all } = rates(snapshot);
  if (failed === 0) return undefined;
  return watch(`${formatCount(failed)} of ${formatCount(all)} requests a second fail; the database answers.`);
}

function rates({ routes: { login, search } }: Snapshot): { failed: number; all: number } {
  const failed = login.errors + search.errors;
  return { failed, all: answered(login) + answered(search) + failed };
}

/** Nothing is going on: what would happen if a node died. */
function steady({ topology, at }: Snapshot): Sentence {
  if (topology === null) return calm('The database answers; how many nodes it has is not known here.');
  if (!isFresh(topology, at))
    return calm(`The database answers; its nodes were last seen ${formatAge(at - topology.at)} ago.`);
  const text = steadyText(topology);
  // One node is what there really is in a rehearsal too.
  return calm(topology.simulated && topology.nodes.length > 1 ? asSimulated(text) : text);
}

function steadyText(topology: Topology): string {
  const all = topology.nodes.length;
  if (all === 1) return 'One node, one copy: if it dies, everything stops.';
  const { voters, nonVoters, others } = copiesOf(topology);
  const count = `${capital(word(all))} nodes`;
  if (others > 0)
    return `${count}, ${word(others)} ${others === 1 ? 'copy' : 'copies'}: Prometheus does not know which of them vote.`;
  if (voters >= 3)
    return `${count}, ${word(voters)} copies: any ${word(Math.floor((voters - 1) / 2))} may die.`;
  if (nonVoters > 0)
    return `${count}: ${nonVoters === 1 ? 'a copy' : 'copies'} that can answer reads, not failover.`;
  if (voters === 2) return `${count}, two votes: both must agree, so either can stop the whole.`;
  const empty = topology.nodes.some((node) => node.voters === 0);
  return empty
    ? `${count}, one copy: ${all === 2 ? 'the new node is' : 'new nodes are'} still empty.`
    : `${count}, one copy: if a node dies, what it holds stops.`;
}

const of = (some: number, all: number) =>
  all === 1 ? 'The only node' : `${capital(word(some))} of ${word(all)} nodes`;
const asSimulated = (text: string) => `Simulated: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
