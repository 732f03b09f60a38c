import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTarget } from '../cli/lib/phase/settings.ts';
import { evaluate } from '../cli/lib/program/evaluate.ts';
import type { Evaluation } from '../cli/lib/program/resources.ts';
import { APP } from '../components/app-manifests.ts';
import { copiesOf } from '../components/database/zones.ts';
import { CLUSTER, LOAD, PORTS, READER, USERS, WRITER } from '../components/names.ts';

const FOLDER = join(__dirname, '..', 'diagrams');
const FILES = readdirSync(FOLDER).sort();
const PHASES = ['phase0', 'phase1', 'phase2'] as const;
// The program runs in a process of its own.
const PATIENCE = 120_000;

/** What is needed of a parsed flowchart. */
interface Flow {
  getVertices(): Map<string, { id: string; text?: string }>;
  getSubGraphs(): { id: string; title: string; nodes: string[] }[];
  getEdges(): { start: string; end: string; text: string }[];
}

let parse: (text: string) => Promise<{ type: string; db: unknown }>;
beforeAll(async () => {
  // Mermaid cleans labels with DOMPurify, which does so in a browser only. Nothing is shown here, so nothing needs cleaning.
  const { default: purify } = await import('dompurify');
  Object.assign(purify, { addHook: () => {}, sanitize: (text: string) => text });
  const { default: mermaid } = await import('mermaid');
  parse = async (text) => {
    await mermaid.parse(text);
    return mermaid.mermaidAPI.getDiagramFromText(text);
  };
}, 60_000);

const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

/** The Mermaid blocks of a file. */
function diagrams(file: string): string[] {
  return [...read(file).matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, text = '']) => text);
}

async function flow(file: string): Promise<Flow> {
  return (await parse(diagrams(file)[0] ?? '')).db as Flow;
}

const fileOf = (phase: string) => FILES.find((file) => file.startsWith(`${phase}-`)) ?? '';

describe('the diagrams', () => {
  it('are one for each phase, the concept, and the timeline', () => {
    expect(FILES).toEqual([
      'evolution-timeline.md',
      'phase0-single-node.md',
      'phase1-two-nodes.md',
      'phase2-three-nodes.md',
      'phase3-multicluster.md',
    ]);
  });

  it.each(FILES)('%s is Mermaid that parses', async (file) => {
    const found = diagrams(file);
    expect(found.length).toBeGreaterThan(0);
    // Every block of these files is a diagram, and none was missed.
    expect(read(file).match(/^```/gm)?.length).toBe(2 * found.length);
    for (const text of found) expect((await parse(text)).type).toMatch(/^(flowchart|timeline|sequence)/);
  });

  it('are not taken when they do not parse', async () => {
    await expect(parse('flowchart LR\n a["x --> b')).rejects.toThrow('Parse error');
  });
});

describe.each(PHASES)('the diagram of %s', (phase) => {
  const target = readTarget(phase);
  const { replicas, voters } = copiesOf(target.replicationFactor);
  const pods = Array.from({ length: target.nodes }, (_, i) => `${CLUSTER}-${i}`);
  let db: Flow;
  let labels: string[];
  beforeAll(async () => {
    db = await flow(fileOf(phase));
    labels = [...db.getVertices().values()].map(({ text = '' }) => text);
  });
  const idOf = (text: string) =>
    [...db.getVertices().values()].find((vertex) => vertex.text?.includes(text))?.id ?? `no ${text}`;
  const leadsTo = (from: string) =>
    db
      .getEdges()
      .filter(({ start }) => start === idOf(from))
      .map(({ end }) => end);

  it('has the pods that the phase has, and says how many copies vote', () => {
    expect(labels.filter((text) => /^\w+-\d+$/.test(text))).toEqual(pods);
    const copies = [
      `${voters} voting ${voters === 1 ? 'copy' : 'copies'}`,
      ...(replicas > voters ? [`${replicas - voters} non-voting copy`] : []),
    ].join(', ');
    expect(labels).toContain(`each range: ${copies}`);
    expect(labels).toContain(`CrdbCluster ${CLUSTER}<br/>nodes: ${target.nodes}`);
    const set = db.getSubGraphs().find(({ title }) => title === `StatefulSet ${CLUSTER}`);
    expect(set?.nodes.sort()).toEqual(['copies', ...pods.map(idOf)].sort());
  });

  it('puts each part in its namespace', () => {
    const within = (namespace: string) => {
      const graph = db.getSubGraphs().find(({ title }) => title === `namespace ${namespace}`);
      return (graph?.nodes ?? []).map((id) => db.getVertices().get(id)?.text?.split('<br/>')[0] ?? id).sort();
    };
    const { app, database, observability } = target.namespaces;
    expect(within(app)).toEqual([`Deployment ${APP}`]);
    expect(within(database)).toEqual(
      [
        'set',
        `CrdbCluster ${CLUSTER}`,
        `Deployment ${LOAD}`,
        `Service ${READER} :${PORTS.sql}`,
        `Service ${WRITER} :${PORTS.sql}`,
      ].sort(),
    );
    expect(within(observability)).toEqual(target.observability.map((name) => `Deployment ${name}`).sort());
    expect(within('cockroach-operator-system')).toEqual(['Deployment cockroach-operator-manager']);
  });

  it('leads from both Services to every pod, and as the users that the phase has', () => {
    for (const service of [WRITER, READER]) expect(leadsTo(service)).toEqual(pods.map(idOf));
    const label = (from: string, to: string) =>
      db.getEdges().find(({ start, end }) => start === idOf(from) && end === idOf(to))?.text;
    const reader = target.readerUserEnabled ? `${USERS.reader}: SELECT only` : USERS.writer;
    expect(label(APP, WRITER)).toBe(`writes, as ${USERS.writer}`);
    expect(label(APP, READER)).toBe(`reads, as ${reader}`);
    expect(label(LOAD, WRITER)).toBe(`as ${USERS.load}`);
    // The figures go there; Prometheus fetches them.
    const prometheus = idOf('prometheus');
    const scraped = db.getEdges().flatMap(({ start, end }) => (end === prometheus ? start : []));
    expect(scraped.sort()).toEqual(['set', idOf(APP), idOf(LOAD)].sort());
    expect(leadsTo('prometheus')).toEqual([idOf('grafana')]);
    const votes = db.getEdges().flatMap(({ start, end }) => (end === 'copies' ? start : []));
    expect(votes).toEqual(pods.map(idOf));
  });

  it('names nothing that the program does not have', { timeout: PATIENCE }, async () => {
    const made = JSON.stringify((await evaluation()).resources);
    const names = new Set(read(fileOf(phase)).match(/\b[a-z]+\d*(?:[-_][a-z0-9]+)+\b/g));
    for (const word of ['non-voting', 'stroke-width', 'num_voters']) names.delete(word);
    expect(names.size).toBeGreaterThan(6);
    // The StatefulSet numbers the pods.
    const unknown = [...names].filter((name) => !made.includes(name) && !pods.includes(name));
    expect(unknown).toEqual([]);
  });
});

describe('the timeline', () => {
  it('says of each phase what its settings say', () => {
    const [timeline = ''] = diagrams('evolution-timeline.md');
    for (const phase of PHASES) {
      const { nodes, replicationFactor, readerUserEnabled } = readTarget(phase);
      const { replicas, voters } = copiesOf(replicationFactor);
      const [, ...events] = (timeline.split('\n').find((line) => line.trim().startsWith(phase)) ?? '').split(
        ' : ',
      );
      expect(events[0]).toBe(`${nodes} node${nodes === 1 ? '' : 's'}`);
      expect(events[1]).toBe(
        `${voters} voting ${voters === 1 ? 'copy' : 'copies'}${replicas > voters ? ` and ${replicas - voters} non-voting copy` : ''}`,
      );
      if (!readerUserEnabled) expect(events[2]).toContain(USERS.writer);
    }
    expect(timeline).toContain(USERS.reader);
  });

  it('tells a step in the order in which the resources wait for each other', {
    timeout: PATIENCE,
  }, async () => {
    const [, step = ''] = diagrams('evolution-timeline.md');
    const { resources } = await evaluation();
    const told = [...step.matchAll(/pulumi->>\w+: ([a-z-]+):/g)].map(([, name = '']) => name);
    expect(told).toEqual([
      'guard',
      'backup',
      'cluster-crdb',
      'nodes-live',
      'replication',
      'users-reader',
      'app-database',
    ]);
    // tests/phase-order.test.ts checks the real order; here, that these are its names.
    const names = resources.map(({ name }) => name);
    expect(told.filter((name) => !names.includes(name))).toEqual([]);
  });
});

let evaluated: Promise<Evaluation> | undefined;
/** The program at phase 2, which has all that the phases before have. */
function evaluation(): Promise<Evaluation> {
  evaluated ??= evaluate('phase2');
  return evaluated;
}
