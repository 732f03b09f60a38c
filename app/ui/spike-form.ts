import type { SpikeState } from '../src/contract.ts';
import type { Commander } from './commander.ts';
import { byId, element, isOff, setOff, setText } from './common/dom.ts';
import { formatCount, formatMs } from './common/format.ts';
import { DEFAULT_SPIKE, presetsOf, readSpike, type SpikeInput, type SpikeLimits } from './spike-request.ts';

export interface SpikeForm {
  setLimits: (limits: SpikeLimits) => void;
  update: (spike: SpikeState | null, usable: boolean) => void;
  start: () => void;
  stop: () => void;
}

/** The card that sets up, starts, shows and stops the spike. */
export function setUpSpikeForm(commander: Commander): SpikeForm {
  const inputs: Readonly<Record<keyof SpikeInput, HTMLInputElement>> = {
    seconds: byId('spike-seconds'),
    rps: byId('spike-rps'),
    logins: byId('spike-logins'),
  };
  const [startButton, stopButton] = [byId('start-spike'), byId('stop-spike')];
  const progress = byId<HTMLProgressElement>('spike-progress');
  let limits: SpikeLimits | null = null;
  let length = 0;

  /** The request as typed, or null with the reason shown. */
  const read = () => {
    if (limits === null) return null;
    const { seconds, rps, logins } = inputs;
    const result = readSpike({ seconds: seconds.value, rps: rps.value, logins: logins.value }, limits);
    const problems = result.problems ?? {};
    for (const field of Object.keys(inputs) as (keyof SpikeInput)[]) {
      inputs[field].setAttribute('aria-invalid', String(problems[field] !== undefined));
    }
    setText(byId('spike-problem'), Object.values(problems).join(' '));
    return result.request ?? null;
  };
  const start = () => {
    if (isOff(startButton)) return commander.explain('A spike is already running.');
    const request = read();
    if (request === null) return;
    void commander.send('start-spike', request);
  };
  const stop = () => {
    if (isOff(stopButton)) return commander.explain('No spike is running.');
    void commander.send('stop-spike');
  };
  byId('spike-form').addEventListener('submit', (event) => {
    event.preventDefault();
    start();
  });
  stopButton.addEventListener('click', stop);
  for (const input of Object.values(inputs)) input.addEventListener('input', read);

  return {
    start,
    stop,
    setLimits(given) {
      if (limits?.spikeSeconds === given.spikeSeconds && limits.spikeRps === given.spikeRps) return;
      if (limits === null) {
        inputs.seconds.value = String(Math.min(DEFAULT_SPIKE.seconds, given.spikeSeconds));
        inputs.rps.value = String(Math.min(DEFAULT_SPIKE.rps, given.spikeRps));
      }
      limits = given;
      inputs.seconds.max = String(given.spikeSeconds);
      inputs.rps.max = String(given.spikeRps);
      setText(byId('spike-seconds-limit'), `at most ${given.spikeSeconds}`);
      setText(byId('spike-rps-limit'), `at most ${given.spikeRps}`);
      const buttons = presetsOf(given).map(({ name, seconds, rps }) => {
        const button = element(
          'button',
          { type: 'button' },
          name,
          element('small', {}, `${rps}/s, ${seconds} s`),
        );
        button.addEventListener('click', () => {
          inputs.seconds.value = String(seconds);
          inputs.rps.value = String(rps);
          read();
        });
        return button;
      });
      byId('spike-presets').replaceChildren(...buttons);
      read();
    },
    update(spike, usable) {
      const running = spike?.running ?? false;
      // The length of a spike that another page started is not told; the most that was ever left comes close.
      length = running ? Math.max(length, spike?.secondsLeft ?? 0) : 0;
      progress.value = running && length > 0 ? 1 - (spike?.secondsLeft ?? 0) / length : 0;
      byId('spike-form').dataset.running = String(running);
      setText(
        byId('spike-state'),
        running ? `running, ${Math.ceil(spike?.secondsLeft ?? 0)} s left` : 'idle',
      );
      setText(byId('achieved-rps'), formatCount(spike?.achievedRps ?? 0));
      setText(byId('target-rps'), formatCount(spike?.targetRps ?? 0));
      setText(byId('active-workers'), formatCount(spike?.activeWorkers ?? 0));
      setText(byId('spike-last'), describeLast(spike));
      setOff(startButton, !usable || running);
      setOff(stopButton, !usable || !running);
    },
  };
}

function describeLast(spike: SpikeState | null): string {
  const last = spike?.last ?? null;
  if (last === null) return 'No spike yet.';
  const verb = last.stopped ? 'stopped' : 'done';
  return (
    `Last, ${verb}: ${formatCount(last.achievedRps)} of ${formatCount(last.targetRps)}/s for ${formatCount(last.seconds)} s, ` +
    `${formatCount(last.failed)} failed, 99 of 100 within ${formatMs(last.latency.p99)}`
  );
}
