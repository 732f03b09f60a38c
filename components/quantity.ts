/** What the units of a Kubernetes quantity multiply by, from thousands on; `m`, a thousandth, makes no sense of bytes. */
export const MULTIPLES: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

const UNITS: Readonly<Record<string, number>> = { m: 1e-3, ...MULTIPLES };

/** The number that a Kubernetes quantity stands for, e.g. bytes or CPUs; 0 if there is none, or if the text is not a quantity. */
export function amountOf(text: string | undefined): number {
  const [, number = '0', unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text ?? '') ?? [];
  return Number(number) * (UNITS[unit] ?? 1);
}
