import type { ScriptBeat, Step } from '../stage/beat.ts';

/** The spike of the talk, which the page's form shows at first. */
export const SPIKE = { seconds: 30, rps: 200 } as const;

const NOTHING_ONLY = { postgres: [], cockroach: [] };
const SPIKE_STEP: Step = { what: 'the spike', seconds: SPIKE.seconds, source: 'set' };
const SPIKE_CHANGES = [
  'A spike of real requests on top of the load: four searches for each login, sent on schedule even when answers are slow.',
];

/** The talk, from beginning to end. */
export const SCRIPT: readonly ScriptBeat[] = [
  {
    at: 0,
    title: 'Who needs this',
    plays: 'nothing',
    commands: [],
    changes: [],
    say: [
      'You have one PostgreSQL. It works. One day it gets too small, or its machine dies, and you find out what a migration costs.',
      'This is a database that grows instead, while people use it. It grows in steps, and you read each step before it happens.',
      'This page is the judge. Four times a second, the app writes a row and reads it back, and it counts what is missing.',
    ],
    lookAt: ['The page in its stage view (key p).'],
    steps: [],
    onlyCluster: NOTHING_ONLY,
  },
  {
    at: 45,
    title: 'Phase 0: one node',
    plays: 'phase',
    begins: 'phase0',
    commands: ['npm run status'],
    changes: [
      'One node and one copy of everything.',
      'The app writes and reads as app_writer. A steady load of logins and searches begins, and runs to the end.',
    ],
    say: [
      'One node, one copy. The applications do not know that. They connect to two addresses, one for writes and one for reads. Today, both lead to the same node.',
      'This works like a single PostgreSQL, and it is just as fragile. Remember how calm these lines are.',
    ],
    lookAt: ['One disc with one copy; requests a second, and the longest gap.'],
    steps: [
      { what: '`npm run status`', seconds: 5, source: 'assumed: it queries Pulumi and the cluster once' },
    ],
    onlyCluster: {
      postgres: [
        'The CockroachDB pod and its operator, the Services crdb-writer and crdb-reader, the TPC-C load, Prometheus and Grafana.',
      ],
      cockroach: [
        'The pod and its operator, Prometheus and Grafana. A small TCP balancer plays the Services crdb-writer and crdb-reader here.',
      ],
    },
  },
  {
    at: 90,
    title: 'The only node dies',
    plays: 'kill',
    ofNodes: 1,
    commands: ['npm run drill -- outage'],
    changes: [
      'The only node is killed on purpose, then started again. This is an outage: logins and searches fail until it is back.',
      'No acknowledged write is lost: the disk stays.',
    ],
    say: [
      'Do not take my word for it. I am killing the only node now. Watch the page.',
      'This is an outage. Logins and searches fail, and all we can do is wait.',
      'It is back, and no acknowledged write is lost. But for those seconds there was no service. Remember that number.',
    ],
    lookAt: ['The sentence on the page counts the seconds. Then the gap, the failed requests, and 0 lost.'],
    steps: [
      {
        what: 'the check of the cluster, and the question',
        seconds: 5,
        source: 'assumed: a check takes seconds',
      },
      { what: 'normal load before the kill', seconds: 5, source: 'set' },
      {
        what: 'until the node is back and the app serves',
        seconds: 30,
        source: 'measured: docs/proof.md, 21.5 s on the stand-in',
      },
      { what: 'until the witness has checked all its writes', seconds: 20, source: 'set' },
    ],
    onlyCluster: {
      postgres: ['Kubernetes, which starts the pod again by itself.'],
      cockroach: ['Kubernetes, which starts the pod again by itself.'],
    },
  },
  {
    at: 195,
    title: 'A spike on one node',
    plays: 'spike',
    commands: [],
    key: 's',
    changes: SPIKE_CHANGES,
    say: [
      'Something went viral. Everybody logs in and searches, four searches for each login. Most of that is reads, and one node serves it all.',
      'And the reporting team wants access, with a tool that nobody here has reviewed.',
    ],
    lookAt: ['Requests a second, and how soon the spike is over.'],
    steps: [SPIKE_STEP],
    onlyCluster: NOTHING_ONLY,
  },
  {
    at: 255,
    title: 'Phase 1: two nodes and a reader path',
    plays: 'phase',
    begins: 'phase1',
    commands: ['npm run evolve -- phase1'],
    changes: [
      'A second node joins, and each range gets a second copy that does not vote.',
      'The user app_reader is created: it can SELECT and nothing else.',
      "The app's reads move to app_reader through a changed credentials file, while requests continue.",
    ],
    say: [
      'First it checks that the cluster is healthy. From here on, nothing restarts: not the database, and not the app.',
      'Read this with me. One node becomes two, every range gets a second copy, and a new user may read and nothing else. Nothing is replaced, nothing is deleted. That is all that will happen.',
      'A verified backup comes first. Then the node, then the copies. Last, the reads move to the new user.',
      'Two copies are not failover. Only one of them votes. If its node dies, the other still has the data, but it cannot decide anything. Failover takes three.',
    ],
    lookAt: ['The second disc, the hollow copies as they arrive, and the arrow of the reads as it moves.'],
    steps: [
      {
        what: '`npm run evolve -- phase1`, from check to report',
        seconds: 95,
        source: 'measured: docs/proof.md, 94 s on the stand-in',
      },
      { what: 'you read the preview and answer', seconds: 15, source: 'assumed: ten lines' },
    ],
    onlyCluster: {
      postgres: [
        'The second node as it joins, and the second copy of each range as it is made.',
        'Reads from that copy (follower reads), a few seconds behind the voter.',
      ],
      cockroach: ['A second machine: here, both nodes share one processor and one disk.'],
    },
  },
  {
    at: 425,
    title: 'The same spike, with a reader path',
    plays: 'spike',
    commands: ['npm run check'],
    key: 's',
    changes: SPIKE_CHANGES,
    say: [
      'The app reads as app_reader now, and the check tried to write as that user: 42501, permission denied. We need not trust the tool, because the database refuses.',
      'The same spike, but searches take their own path now. Both nodes share this laptop, so do not expect miracles.',
    ],
    lookAt: ['Two arrows to two nodes. Errors stay at 0.'],
    steps: [{ what: '`npm run check`', seconds: 8, source: 'assumed: a check takes seconds' }, SPIKE_STEP],
    onlyCluster: NOTHING_ONLY,
  },
  {
    at: 495,
    title: 'Phase 2: three nodes',
    plays: 'phase',
    begins: 'phase2',
    commands: ['npm run evolve -- phase2'],
    changes: [
      'A third node joins, and each range gets three voting copies (RF=3).',
      'The app, its users, and its addresses stay the same.',
    ],
    say: [
      'This preview is shorter: a third node, and three copies of everything. The node comes first, because three copies need three nodes.',
      'Watch the ranges that lack a copy. The number rises when we ask for three copies, then drains to zero.',
      'Every write now waits until two of three copies have it. That costs a little. In return, any one of the three may die.',
    ],
    lookAt: [
      'The third disc; the ranges that still lack a copy, down to none; the copies, all solid, because they vote.',
    ],
    steps: [
      {
        what: '`npm run evolve -- phase2`, from check to report',
        seconds: 108,
        source: 'measured: docs/proof.md, 108 s on the stand-in',
      },
      { what: 'you read the preview and answer', seconds: 10, source: 'assumed: seven lines' },
    ],
    onlyCluster: {
      postgres: [
        'Under-replicated ranges, which rise at the change to RF=3 and drain to 0 as copies are made.',
        'Leases and replicas as they spread over three nodes.',
      ],
      cockroach: ['Three machines, one of which may really fail.'],
    },
  },
  {
    at: 645,
    title: 'The same spike: boring is good',
    plays: 'spike',
    commands: [],
    key: 's',
    changes: SPIKE_CHANGES,
    say: [
      'The same spike once more. Now find the moment when the cluster tripled. You see it in the marks, not in the lines.',
      'The most important graph of this talk is the one where nothing happens.',
    ],
    lookAt: ['Errors at 0, no gap, and the marks of three phases.'],
    steps: [SPIKE_STEP],
    onlyCluster: NOTHING_ONLY,
  },
  {
    at: 705,
    title: 'One of three dies',
    plays: 'kill',
    ofNodes: 3,
    commands: ['npm run drill -- pod-kill'],
    changes: [
      'One node of three is killed without warning, and comes back.',
      'Two of the three voting copies of each range remain. That is a majority, so they keep serving.',
    ],
    say: [
      'At the beginning I killed the only node, and everything stopped. Now the same again, with one of three.',
      'Two of three copies are a majority, so they continue without the third. The ranges that it led choose a new leader first. That is the gap, and it is measured, not promised.',
    ],
    lookAt: ['One disc goes dark and comes back. The longest gap, and 0 lost.'],
    steps: [
      {
        what: 'the check of the cluster, and the question',
        seconds: 5,
        source: 'assumed: a check takes seconds',
      },
      { what: 'normal load before the kill', seconds: 5, source: 'set' },
      {
        what: 'until all nodes and copies are back',
        seconds: 20,
        source: 'assumed: docs/transcripts.md has 7 s on the stand-in; a real node has to catch up as well',
      },
      { what: 'until the witness has checked all its writes', seconds: 20, source: 'set' },
    ],
    onlyCluster: {
      postgres: [
        'All of this: a single PostgreSQL has no node to spare. With the program cockroach, run: npm run rehearse -- --database cockroach',
      ],
      cockroach: ['Kubernetes, which starts the pod again by itself.'],
    },
  },
  {
    at: 795,
    title: 'One card',
    plays: 'card',
    commands: [],
    key: 'c',
    changes: [],
    say: [
      'Left: the only node. Right: one of three. That is what two more nodes buy. Measured once, here, on this machine.',
      'One became three under load, and nothing was lost. Take it home. It runs on your laptop in a minute, without a cluster.',
    ],
    lookAt: ['The card, in the terminal and on the page (key c). Read out both numbers, whatever they are.'],
    steps: [],
    onlyCluster: NOTHING_ONLY,
  },
];

/** When the talk ends, in seconds. */
export const TALK_SECONDS = 825;
