import type { DatabaseKind, Played } from './demo.ts';
import { playKill } from './kill.ts';
import { startSpike } from './spikes.ts';
import type { Stage } from './stage.ts';

export type PhaseName = 'phase0' | 'phase1' | 'phase2';

/** One step of the presentation. */
export interface Beat {
  readonly title: string;
  /** The phase that it begins; absent for a spike within the phase. */
  readonly begins?: PhaseName;
  /** What the audience is told before it happens. */
  readonly changes: readonly string[];
  /** What a presenter types to have it on a cluster. */
  commands(stage: Stage): readonly string[];
  play(stage: Stage): Promise<Played>;
  /** What a rehearsal on this database cannot show. */
  readonly onlyCluster: Readonly<Record<DatabaseKind, readonly string[]>>;
  readonly notes: { readonly say: readonly string[]; readonly lookAt: readonly string[] };
}

const evolve = (phase: PhaseName) => () => [
  // The first one makes the cluster; each later one is given it.
  ...(phase === 'phase0' ? [] : [`npm run handover -- ${phase}`]),
  `pulumi preview -s ${phase}`,
  `pulumi up -s ${phase}`,
];

const playPhase = (phase: PhaseName) => async (stage: Stage) => {
  await stage.app.mark('phase', phase);
  return stage.demo.enter(phase, stage);
};

const PHASE_0: Beat = {
  title: 'Phase 0: one node',
  begins: 'phase0',
  changes: [
    'One node and one copy of everything.',
    'The app writes and reads as app_writer. A steady load of logins and searches begins, and runs to the end.',
  ],
  commands: evolve('phase0'),
  play: playPhase('phase0'),
  onlyCluster: {
    postgres: [
      'The CockroachDB pod and its operator, the Services crdb-writer and crdb-reader, the TPC-C load, Prometheus and Grafana.',
    ],
    cockroach: [
      'The pod and its operator, Prometheus and Grafana. A small TCP balancer plays the Services crdb-writer and crdb-reader here.',
    ],
  },
  notes: {
    say: [
      'This works like a single PostgreSQL, and it is as fragile: when this node stops, everything stops.',
      'From here to the end nothing is restarted: not the database, not the load, not the app.',
      'Do not take my word for it: key k kills the only node, and starts it again five seconds later. That is an outage.',
    ],
    lookAt: [
      'Requests a second, p99, and the witness: its gap and its lost writes. Remember how calm this looks.',
    ],
  },
};

const PHASE_1: Beat = {
  title: 'Phase 1: two nodes and a reader path',
  begins: 'phase1',
  changes: [
    'A second node joins, and each range gets a second copy, which follows and does not vote.',
    'The user app_reader is created: it can SELECT and nothing else.',
    "The app's reads move to app_reader by a changed credentials file, while requests go on.",
  ],
  commands: evolve('phase1'),
  play: playPhase('phase1'),
  onlyCluster: {
    postgres: [
      'The second node joining, and the second copy of each range being made.',
      'Reads served by that copy (follower reads), a few seconds behind the voter.',
    ],
    cockroach: ['A second machine: here the two nodes share one processor and one disk.'],
  },
  notes: {
    say: [
      'The old reporting system gets its own way in, and it cannot break anything: the database refuses, not good manners.',
      'Two copies are not failover. One node votes; if it goes, writes stop. That takes three.',
    ],
    lookAt: [
      'The mark on the timeline where the reader moves: no error, no gap.',
      'Writer against reader latency: two connections now, with two users.',
    ],
  },
};

const PHASE_2: Beat = {
  title: 'Phase 2: three nodes',
  begins: 'phase2',
  changes: [
    'A third node joins, and each range gets three voting copies (RF=3).',
    'The app, its users and its addresses stay as they are.',
  ],
  commands: evolve('phase2'),
  play: playPhase('phase2'),
  onlyCluster: {
    postgres: [
      'Under-replicated ranges rising when RF=3 is asked for, and draining to 0 as copies are made.',
      'Leases and replicas spreading over three nodes.',
      'One node dying while the other two go on.',
    ],
    cockroach: ['Three machines, of which one may really be lost.'],
  },
  notes: {
    say: [
      'Nodes first, then the replication factor: with two nodes, asking for three copies changes nothing.',
      'Boring is good: the most important graph of this talk is the one where nothing happens.',
    ],
    lookAt: [
      'On a cluster: under-replicated ranges down to 0, replicas by node. Here and there: errors at 0, the witness without a gap.',
    ],
  },
};

/** The last one, which takes more than one node. */
const KILL: Beat = {
  title: 'A node dies',
  changes: [
    'One node of three is killed without a word (SIGKILL), stays away for five seconds, and comes back.',
    'Two of the three voting copies of each range are left: that is a majority, and it goes on.',
    'It is the node that joined last. --kill-node n1 takes the one that the app writes through.',
  ],
  commands: () => ['npm run drill -- pod-kill'],
  play: playKill,
  onlyCluster: { postgres: [], cockroach: ['Kubernetes starting the pod again, by itself.'] },
  notes: {
    say: [
      'In phase 0 this was an outage. Read the two lines side by side.',
      'The ranges that this node led have to find another leader first: that is the gap, and it is measured, not promised.',
    ],
    lookAt: [
      'The witness: its gap, and 0 lost. Under-replicated ranges up, and down again when the node is back.',
    ],
  },
};

/** The presentation: each phase, and a spike in it. */
const BEATS: readonly Beat[] = [
  PHASE_0,
  spikeIn(
    'Spike on one node',
    'Something went viral: everybody logs in and searches, and one node takes it all.',
  ),
  PHASE_1,
  spikeIn('The same spike with a reader path', 'The same spike. Searches now have a way of their own.'),
  PHASE_2,
  spikeIn('The same spike on three nodes', 'The same spike once more. Boring is good.'),
];

/** The presentation on a database. A single PostgreSQL has no node to spare for the last beat. */
export function beatsOn(kind: DatabaseKind): readonly Beat[] {
  return kind === 'cockroach' ? [...BEATS, KILL] : BEATS;
}

function spikeIn(title: string, say: string): Beat {
  return {
    title,
    changes: [
      'A spike of real requests on top of the load: four searches for each login, sent on time however slow the answers are.',
    ],
    commands: ({ address, spike }) => [
      `curl ${address}/spike -H 'Content-Type: application/json' -d '{"seconds":${spike.seconds},"rps":${spike.rps}}'`,
    ],
    play: playSpike,
    onlyCluster: { postgres: [], cockroach: [] },
    notes: {
      say: [say],
      lookAt: ['Target and achieved requests a second, p99 while it lasts, and how soon it is over.'],
    },
  };
}

/** A spike as the stage has it. Says so when another one runs. */
export async function playSpike(stage: Stage): Promise<Played> {
  const spike = await startSpike(stage);
  if (spike === null) return { done: ['A spike runs already: this one was not started.'], skipped: [] };
  const { rps, seconds } = stage.spike;
  return { done: [`Started: ${rps} requests a second for ${seconds} s.`], skipped: [], spike };
}
