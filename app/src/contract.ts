/**
 * What the page receives over the hub. Server and page share this file.
 *
 * Units: times are epoch milliseconds, latencies milliseconds, rates per second over the last second.
 * A latency is `null` when nothing was measured in that second.
 */

export type RouteName = 'login' | 'search';
export type ConnectionName = 'writer' | 'reader';

export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface RouteMetrics extends Latency {
  readonly rps: number;
  /** Answers of 5xx per second. */
  readonly errors: number;
}

export interface ConnectionMetrics extends Latency {
  readonly qps: number;
  readonly errors: number;
  readonly retries: number;
}

export interface LoadState {
  readonly readers: boolean;
  readonly writers: boolean;
  /** What the load aims at while it runs. */
  readonly readerRps: number;
  readonly writerRps: number;
}

export interface SpikeResult {
  readonly startedAt: number;
  readonly seconds: number;
  readonly targetRps: number;
  readonly achievedRps: number;
  readonly sent: number;
  readonly failed: number;
  /** Measured from the moment that the schedule had planned for each request. */
  readonly latency: Latency;
  readonly stopped: boolean;
}

export interface SpikeState {
  readonly running: boolean;
  readonly targetRps: number;
  /** Answers in the last second. */
  readonly achievedRps: number;
  /** Requests in progress. */
  readonly activeWorkers: number;
  readonly secondsLeft: number;
  readonly last: SpikeResult | null;
}

export interface WitnessStream {
  readonly sent: number;
  readonly failed: number;
  /** Since the last success. */
  readonly currentGapMs: number;
  /** The longest time between two successes, the one in progress included. */
  readonly longestGapMs: number;
}

export interface WitnessState {
  readonly writes: WitnessStream;
  readonly reads: WitnessStream;
  /** Acknowledged writes that were found again. */
  readonly confirmed: number;
  /** Acknowledged writes that were not looked for yet, or could not be. */
  readonly unconfirmed: number;
  /** Acknowledged writes that the database no longer has. Must be 0. */
  readonly lost: number;
  /** Acknowledged writes that the database has more than once. Must be 0. */
  readonly duplicated: number;
  /** Reads that were older than the allowance. */
  readonly stale: number;
}

export type NodeState = 'joining' | 'live' | 'draining' | 'dead';

export interface TopologyNode {
  readonly name: string;
  readonly state: NodeState;
  /** Copies of ranges that vote. */
  readonly voters: number;
  /** Copies of ranges that follow and do not vote. */
  readonly nonVoters: number;
  /** Copies of ranges for which the source (Prometheus) does not know whether they vote. Absent: none. */
  readonly otherCopies?: number | undefined;
  /** Ranges whose reads and writes this node answers for. */
  readonly leases: number;
}

/** The nodes of the database and what each holds, as an outside observer saw them: the app itself sees one database. */
export interface Topology {
  /** When it was seen, epoch milliseconds. */
  readonly at: number;
  readonly source: 'rehearsal' | 'evolve' | 'prometheus';
  /** These nodes are simulated: they show what a cluster would have. */
  readonly simulated: boolean;
  readonly nodes: readonly TopologyNode[];
  /** `underReplicated`: fewer copies than configured. `unavailable`: no majority, so it cannot be used. Null when unknown. */
  readonly ranges: {
    readonly total: number;
    readonly underReplicated: number;
    readonly unavailable: number;
  } | null;
  /** The node that the app is connected to, null when a Service chooses one; and the user, null when the observer does not know it. */
  readonly writer: { readonly user: string | null; readonly node: string | null };
  readonly reader: { readonly user: string | null; readonly node: string | null };
}

/** What the app itself knows of its way to the database. */
export interface PathState {
  readonly user: string;
  /** 0 while the database answers; how long it has not, once that is out of the ordinary; null when it never has. Milliseconds. */
  readonly silentMs: number | null;
}

/** The longest time between two successes of the witness, since the last phase mark or the last reset. */
export interface GapMetrics {
  readonly since: number;
  readonly writesMs: number;
  readonly readsMs: number;
}

/** Since the app started. */
export interface Totals {
  readonly since: number;
  readonly requests: number;
  /** Of these, answered with 5xx. */
  readonly failed: number;
  /** In the order of the marks, the newest 12 at most; null before the first mark. */
  readonly phases: readonly PhaseTotals[];
}

export interface PhaseTotals {
  readonly phase: string | null;
  readonly requests: number;
  readonly failed: number;
  /** The longest gap, of writes or reads. */
  readonly longestGapMs: number;
}

export interface Snapshot {
  readonly at: number;
  /** The phase that was last marked, e.g. `phase1`. */
  readonly phase: string | null;
  readonly routes: Readonly<Record<RouteName, RouteMetrics>>;
  readonly connections: Readonly<Record<ConnectionName, ConnectionMetrics>>;
  readonly load: LoadState;
  readonly spike: SpikeState;
  readonly witness: WitnessState;
  readonly gap: GapMetrics;
  readonly totals: Totals;
  readonly paths: Readonly<Record<ConnectionName, PathState>>;
  /** The newest topology that was reported; its age is `at` minus its own `at`. Null when none was reported. */
  readonly topology: Topology | null;
  /** Why the app does not see the nodes itself, when it does not. */
  readonly topologyProblem: string | null;
}

export type MarkKind =
  | 'command'
  | 'spike'
  | 'phase'
  | 'step'
  | 'backup'
  | 'note'
  | 'gap'
  | 'lost'
  | 'connection';

/** A thing that happened, for the timeline. One with `until: null` is still in progress and comes again, with the same id, when it ends. */
export interface Mark {
  readonly id: number;
  readonly kind: MarkKind;
  readonly label: string;
  readonly at: number;
  /** Absent for a moment; null while it lasts. */
  readonly until?: number | null;
}

/** The answer to every command. */
export interface ControlState {
  readonly phase: string | null;
  readonly load: LoadState;
  readonly spike: SpikeState;
}

/** The answer to the hub method `History`, asked once when a page opens (and again after a reconnect). */
export interface History {
  /** Names of the columns of `rows`, as in `series.ts`. */
  readonly columns: readonly string[];
  /** One row a second, oldest first, at most an hour. */
  readonly rows: readonly (readonly (number | null)[])[];
  readonly marks: readonly Mark[];
  readonly latest: Snapshot | null;
  /** Whether commands need the control token on this connection. */
  readonly needsToken: boolean;
  readonly limits: { readonly spikeSeconds: number; readonly spikeRps: number };
  /** What is shown is a recording, played by `npm run replay`; absent when it is live. */
  readonly playback?: Playback;
}

/** Where the player of a recording is. Times within it are milliseconds from its beginning. */
export interface Playback {
  /** Of the file. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly recordedAt: number;
  readonly durationMs: number;
  readonly positionMs: number;
  readonly paused: boolean;
  /** 1: as fast as it was. */
  readonly speed: number;
  /** Grows when the position was set: the page's data is then from another time, and it requests `History` again. */
  readonly jumps: number;
}

/** Hub: what the server calls on the page. */
export interface PageMethods {
  snapshot: (snapshot: Snapshot) => void;
  mark: (mark: Mark) => void;
  playback: (playback: Playback) => void;
}

/** A line of a recording, which is NDJSON: what a page was sent, and when. The first line is a `history`. */
export type RecordedLine = { readonly at: number } & (
  | { readonly call: 'history'; readonly arg: History }
  | { readonly call: 'snapshot'; readonly arg: Snapshot }
  | { readonly call: 'mark'; readonly arg: Mark }
);

export const COMMANDS = [
  'start-load',
  'stop-load',
  'start-readers',
  'stop-readers',
  'start-writers',
  'stop-writers',
  'start-spike',
  'stop-spike',
  'mark',
  'topology',
  'restart-gap',
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Hub: what the page calls on the server. A refused call is an error whose message starts with its code, e.g. `token_required: ...`. */
export interface ServerMethods {
  History: () => History;
  /** True when the token is right; from then on commands are taken on this connection. */
  Authorize: (token: string) => boolean;
  Command: (name: CommandName, args?: unknown) => ControlState;
}

/** Hub: what the page calls on a player of a recording. */
export interface PlayerMethods {
  Play: (wanted: { paused?: boolean; speed?: number; positionMs?: number }) => Playback;
}

/** What happened between two marks of kind `phase`. Answered by `GET /report`, oldest first. */
export interface PeriodReport {
  readonly phase: string | null;
  readonly startedAt: number;
  /** Null for the period in progress. */
  readonly endedAt: number | null;
  /** Requests that the app answered; errors are answers of 5xx. */
  readonly requests: Readonly<Record<RouteName, { requests: number; errors: number; latency: Latency }>>;
  readonly spikes: readonly SpikeResult[];
  readonly witness: {
    readonly writes: WitnessPeriod;
    readonly reads: WitnessPeriod;
    readonly confirmed: number;
    readonly lost: number;
    readonly duplicated: number;
    readonly stale: number;
  };
}

export interface WitnessPeriod {
  readonly sent: number;
  readonly failed: number;
  /** A gap that reaches over the period's edge counts in both periods. */
  readonly longestGapMs: number;
}

export interface Report {
  readonly at: number;
  readonly periods: readonly PeriodReport[];
  /** The witness since the start of the app. */
  readonly witness: WitnessState;
}
