import type { EvolutionState } from '../telemetry/metrics.ts';
import type { Timeline } from './timeline.ts';

/**
 * What the app was told of the evolution. Prometheus reads it, and with it the alert rules know that a change is planned.
 * It is kept in memory only: an app that restarts forgets the step, and then nothing is muted.
 */
export class Evolution {
  readonly #timeline: Timeline;
  #phase: EvolutionState['phase'] = null;
  #step: (NonNullable<EvolutionState['step']> & { readonly end: () => void }) | null = null;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get state(): EvolutionState {
    return {
      phase: this.#phase,
      step: this.#step && { label: this.#step.label, startedAt: this.#step.startedAt },
    };
  }

  startPhase(label: string): void {
    this.#phase = { label, startedAt: Date.now() };
  }

  /** One step at a time. A step that was interrupted and begins again starts over. */
  beginStep(label: string): void {
    this.endStep();
    this.#step = { label, startedAt: Date.now(), end: this.#timeline.begin('step', label) };
  }

  /** Does nothing when none is in progress. */
  endStep(): void {
    this.#step?.end();
    this.#step = null;
  }
}
