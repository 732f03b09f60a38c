/** What a presenter types for a spike, checked before it is sent. */

export interface SpikeLimits {
  readonly spikeSeconds: number;
  readonly spikeRps: number;
}

export interface SpikeInput {
  readonly seconds: string;
  readonly rps: string;
  /** Logins in percent of the requests; the rest are searches. */
  readonly logins: string;
}

/** The body of `POST /spike`: `mix` holds fractions of 1. */
export interface SpikeRequest {
  readonly seconds: number;
  readonly rps: number;
  readonly mix: { readonly login: number; readonly search: number };
}

export type SpikeProblems = Partial<Record<keyof SpikeInput, string>>;

export function readSpike(
  input: SpikeInput,
  limits: SpikeLimits,
): { request: SpikeRequest; problems?: never } | { request?: never; problems: SpikeProblems } {
  const problems: SpikeProblems = {};
  const check = (field: keyof SpikeInput, name: string, min: number, max: number): number => {
    const text = input[field].trim();
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      problems[field] = `${name}: a whole number from ${min} to ${max}.`;
    }
    return value;
  };
  const seconds = check('seconds', 'Seconds', 1, limits.spikeSeconds);
  const rps = check('rps', 'Requests per second', 1, limits.spikeRps);
  const logins = check('logins', 'Logins in %', 0, 100);
  if (Object.keys(problems).length > 0) return { problems };
  return { request: { seconds, rps, mix: { login: logins / 100, search: (100 - logins) / 100 } } };
}

/** What the form shows at first: the spike of the demo's script. */
export const DEFAULT_SPIKE = { seconds: 30, rps: 200 };

export interface Preset {
  readonly name: string;
  readonly seconds: number;
  readonly rps: number;
}

/** Three sizes within the server's limits. */
export function presetsOf(limits: SpikeLimits): Preset[] {
  const preset = (name: string, seconds: number, share: number): Preset => ({
    name,
    seconds: Math.min(seconds, limits.spikeSeconds),
    rps: Math.max(1, Math.round(limits.spikeRps * share)),
  });
  return [preset('Gentle', 20, 0.2), preset('Rush', 30, 0.6), preset('Peak', 60, 1)];
}
