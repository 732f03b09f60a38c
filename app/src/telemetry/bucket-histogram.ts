import type { Metric, Registry } from 'prom-client';

export interface Observer {
  observe(value: number): void;
}

/**
 * A histogram with one label, as prom-client writes it. Its own finds the series anew at each observation, by its label: this one is found
 * once. Measured (`--cpu-prof`): 1.3 us less for a request with its statement, 2 % of it.
 */
export class BucketHistogram {
  // What prom-client's registry reads of a metric.
  readonly name: string;
  readonly help: string;
  readonly aggregator = 'sum';
  readonly #label: string;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(options: {
    readonly name: string;
    readonly help: string;
    readonly label: string;
    readonly bounds: readonly number[];
    readonly registry: Registry;
  }) {
    this.name = options.name;
    this.help = options.help;
    this.#label = options.label;
    this.#bounds = options.bounds;
    options.registry.registerMetric(this as unknown as Metric<string>);
  }

  labels(value: string): Observer {
    let series = this.#series.get(value);
    if (series === undefined) {
      series = new Series(this.#bounds);
      this.#series.set(value, series);
    }
    return series;
  }

  reset(): void {
    this.#series.clear();
  }

  async get() {
    const values = [...this.#series].flatMap(([value, series]) => {
      const labels = { [this.#label]: value };
      const metric = (suffix: string, number: number, more = {}) => ({
        metricName: `${this.name}_${suffix}`,
        labels: { ...more, ...labels },
        value: number,
      });
      return [
        ...series.cumulative.map((count, i) => metric('bucket', count, { le: this.#bounds[i] ?? '+Inf' })),
        metric('sum', series.sum),
        metric('count', series.count),
      ];
    });
    return { name: this.name, help: this.help, type: 'histogram', aggregator: this.aggregator, values };
  }
}

class Series implements Observer {
  sum = 0;
  count = 0;
  readonly #bounds: readonly number[];
  /** Of each bound; what is above the last is in `count` only. */
  readonly #counts: number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const bounds = this.#bounds;
    for (let i = 0; i < bounds.length; i += 1) {
      if (value > (bounds[i] as number)) continue;
      (this.#counts[i] as number) += 1;
      return;
    }
  }

  /** Up to each bound, and of all. */
  get cumulative(): number[] {
    let sum = 0;
    return [...this.#counts.map((count) => (sum += count)), this.count];
  }
}
