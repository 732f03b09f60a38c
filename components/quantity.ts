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
