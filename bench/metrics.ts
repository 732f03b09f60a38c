import autocannon from 'autocannon';
import type { TestDatabase } from '../tests/support/sample-app.ts';
import { printTable } from './figures.ts';
import { ServerProcess } from './server-process.ts';

const SECONDS = 5;

export interface MetricsFigures {
  readonly series: number;
  readonly bytes: number;
  /** Processor time of an answer, microseconds. */
  readonly metricsMicros: number;
  readonly healthMicros: number;
}

/** What a scrape costs once every series is there, beside the cheapest answer that the app has. */
export async function measureMetrics(test: TestDatabase): Promise<MetricsFigures> {
  const server = await ServerProcess.start('app', ['--import', 'tsx', 'app/src/main.ts'], test);
  try {
    await fillSeries(server.url);
    const page = await (await fetch(`${server.url}/metrics`)).text();
    const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    // In turns: what disturbs the machine disturbs both.
    const samples = { metrics: { cpu: 0, answers: 0 }, healthz: { cpu: 0, answers: 0 } };
    for (let round = 0; round < 3; round += 1)
      for (const path of ['metrics', 'healthz'] as const) {
        const before = server.cpuMicros();
        const result = await autocannon({ url: `${server.url}/${path}`, connections: 2, duration: SECONDS });
        samples[path].cpu += server.cpuMicros() - before;
        samples[path].answers += result['2xx'];
      }
    const micros = ({ cpu, answers }: { cpu: number; answers: number }) => cpu / answers;
    return {
      series,
      bytes: Buffer.byteLength(page),
      metricsMicros: micros(samples.metrics),
      healthMicros: micros(samples.healthz),
    };
  } finally {
    server.stop();
  }
}

/** Each route with each outcome that a client can bring about, and every command. */
async function fillSeries(url: string): Promise<void> {
  const post = (path: string, body: string) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  for (const body of ['{"userId":"ada"}', '{}', 'x']) await post('/login', body);
  for (const path of ['/search?q=ac', '/search', '/readyz', '/healthz', '/report', '/', '/nothing'])
    await fetch(url + path);
  await post('/spike', '{"seconds":2,"rps":20}');
  await new Promise((resolve) => setTimeout(resolve, 3000));
}

export function printMetrics({ series, bytes, metricsMicros, healthMicros }: MetricsFigures): void {
  console.log(`\n/metrics: ${series} series, ${(bytes / 1024).toFixed(1)} KiB`);
  printTable([
    ['answer', 'CPU us', 'of /healthz'],
    ['/metrics', metricsMicros.toFixed(0), (metricsMicros / healthMicros).toFixed(1)],
    ['/healthz', healthMicros.toFixed(0), '1.0'],
  ]);
}
