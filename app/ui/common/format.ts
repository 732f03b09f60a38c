/** How numbers are written on the page. Times are epoch milliseconds, shown in the viewer's own time zone. */

export const NONE = '–';

type Numeric = number | null | undefined;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A count or a rate: `1,204`, and one decimal below ten where there is one (`2.5`). */
export function formatCount(value: Numeric): string {
  if (value == null) return NONE;
  return Math.abs(value) < 10 ? tenths.format(value) : whole.format(value);
}

/** A value and its unit apart, so that the unit can be set smaller. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** Milliseconds as people say them: `3.1 ms`, `120 ms`, `4.2 s`, `12 s`, `3 min 5 s`. */
export function quantityOfMs(ms: Numeric): Quantity {
  if (ms == null) return { value: NONE, unit: '' };
  if (ms < 9.95) return { value: tenths.format(ms), unit: 'ms' };
  if (ms < 999.5) return { value: whole.format(ms), unit: 'ms' };
  if (ms < 9_950) return { value: (ms / 1000).toFixed(1), unit: 's' };
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return { value: String(seconds), unit: 's' };
  return { value: `${Math.floor(seconds / 60)} min ${seconds % 60}`, unit: 's' };
}

export function formatMs(ms: Numeric): string {
  const { value, unit } = quantityOfMs(ms);
  return unit === '' ? value : `${value} ${unit}`;
}

/** A length of time of which whole seconds are enough: `7 s`, `2 min 5 s`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** `14:03:09` */
export function formatClock(at: number): string {
  return clock.format(at);
}

/** For an axis: seconds only where the steps are finer than a minute. */
export function formatAxisClock(at: number, stepMs: number): string {
  const text = formatClock(at);
  return stepMs < 60_000 ? text : text.slice(0, 5);
}
