import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { COMMANDS, type CommandName, type ControlState } from '../contract.ts';
import { text, valid } from '../input.ts';
import type { Load } from '../load/load.ts';
import type { Spike, SpikePlan } from '../load/spike.ts';
import type { Witness } from '../witness/witness.ts';
import type { Evolution } from './evolution.ts';
import type { Reports } from './reports.ts';
import type { Timeline } from './timeline.ts';
import { type LatestTopology, TOPOLOGY } from './topology.ts';

const weight = z.number().min(0).max(1_000_000);
const SPIKE = z.strictObject({
  seconds: z.number().positive().default(30),
  rps: z.number().min(1).default(200),
  mix: z
    .strictObject({ login: weight.default(0), search: weight.default(0) })
    .refine((mix) => mix.login + mix.search > 0, 'give login or search a weight above 0')
    .default({ login: 0.2, search: 0.8 }),
});
const MARK = z.strictObject({
  kind: z.enum(['phase', 'step', 'backup', 'note']),
  label: text(100),
  /** Of a step: that it ends rather than begins. */
  done: z.boolean().default(false),
});

export interface ControlOptions {
  readonly load: Load;
  readonly spike: Spike;
  readonly timeline: Timeline;
  readonly evolution: Evolution;
  readonly reports: Reports;
  readonly topology: LatestTopology;
  readonly witness: Pick<Witness, 'restartGap'>;
  readonly limits: { readonly maxSeconds: number; readonly maxRps: number };
  readonly token: string | undefined;
}

/** What a presenter can do, the same over HTTP and over the hub. Refusals are ApiErrors. */
export class Control {
  readonly #options: ControlOptions;
  readonly #actions: Readonly<Record<CommandName, (args: unknown) => void>>;

  constructor(options: ControlOptions) {
    const { load, spike, topology, witness } = options;
    this.#options = options;
    this.#actions = {
      'start-load': () => {
        load.startReaders();
        load.startWriters();
      },
      'stop-load': () => {
        load.stopReaders();
        load.stopWriters();
      },
      'start-readers': () => load.startReaders(),
      'stop-readers': () => load.stopReaders(),
      'start-writers': () => load.startWriters(),
      'stop-writers': () => load.stopWriters(),
      'start-spike': (args) => {
        const plan = this.#plan(args);
        if (!spike.running) this.#start(plan);
      },
      'stop-spike': () => spike.stop(),
      mark: (args) => this.#mark(args),
      topology: (args) => topology.saw(valid(TOPOLOGY, args)),
      'restart-gap': () => witness.restartGap(),
    };
  }

  get needsToken(): boolean {
    return this.#options.token !== undefined;
  }

  get limits() {
    return this.#options.limits;
  }

  /** Whether this is the control token; true for anything when none is configured. Takes the same time for every wrong one. */
  accepts(token: string): boolean {
    if (this.#options.token === undefined) return true;
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(token), digest(this.#options.token));
  }

  get state(): ControlState {
    return {
      phase: this.#options.reports.phase,
      load: this.#options.load.state,
      spike: this.#options.spike.state,
    };
  }

  /** Carries out a command. Each may be given again: what is already so stays so. */
  command(name: string, args: unknown): ControlState {
    if (!(COMMANDS as readonly string[]).includes(name)) {
      throw new ApiError(
        404,
        'unknown_command',
        `"${name.slice(0, 40)}" is not a command. Commands are: ${COMMANDS.join(', ')}.`,
      );
    }
    const before = this.state;
    this.#actions[name as CommandName](args);
    if (loadChanged(before, this.state)) {
      this.#options.timeline.mark('command', name);
    }
    return this.state;
  }

  /** Starts a spike. 409 when one runs already, 422 above a ceiling. */
  startSpike(args: unknown): ControlState {
    const plan = this.#plan(args);
    if (this.#options.spike.running)
      throw new ApiError(
        409,
        'spike_running',
        'A spike is running. Wait for its end, or stop it with POST /commands/stop-spike.',
      );
    this.#start(plan);
    return this.state;
  }

  #plan(args: unknown): SpikePlan {
    const plan = valid(SPIKE, args);
    const { maxSeconds, maxRps } = this.#options.limits;
    if (plan.seconds > maxSeconds)
      throw new ApiError(
        422,
        'above_ceiling',
        `seconds is ${plan.seconds}; the ceiling is ${maxSeconds} (APP_SPIKE_MAX_SECONDS).`,
      );
    if (plan.rps > maxRps)
      throw new ApiError(
        422,
        'above_ceiling',
        `rps is ${plan.rps}; the ceiling is ${maxRps} (APP_SPIKE_MAX_RPS).`,
      );
    return plan;
  }

  #start(plan: SpikePlan): void {
    const { spike, timeline, reports } = this.#options;
    const end = timeline.begin('spike', `spike: ${plan.rps} rps for ${plan.seconds} s`);
    spike.start(plan, (result) => {
      reports.spikeEnded(result);
      end(`spike: ${Math.round(result.achievedRps)} of ${plan.rps} rps${result.stopped ? ', stopped' : ''}`);
    });
  }

  #mark(args: unknown): void {
    const { kind, label, done } = valid(MARK, args);
    const { evolution, reports, timeline } = this.#options;
    if (kind === 'step') {
      if (done) evolution.endStep();
      else evolution.beginStep(label);
      return;
    }
    if (kind === 'phase') {
      reports.startPhase(label);
      evolution.startPhase(label);
    }
    timeline.mark(kind, label);
  }
}

function loadChanged(before: ControlState, after: ControlState): boolean {
  return before.load.readers !== after.load.readers || before.load.writers !== after.load.writers;
}
