import { defineConfig } from 'vitest/config';

const json = process.env.VITEST_JSON;

// `npm run test:engine` and `npm run test:cluster`: what needs the real Pulumi engine and a cluster, and takes minutes.
// `npm run test:cockroach`: what needs the program `cockroach`, or a cluster of it.
const APART = ['engine', 'cluster', 'cockroach'];

// `npm run test:whole`: the command line, the rehearsal and the page as real processes, in real browsers, and the model of many evolutions.
const WHOLE = [
  'app-process',
  'credentials-swap',
  'diagrams-drawn',
  'environment',
  'evolution-model',
  'hostile',
  'image',
  'mistakes',
  'outage',
  'package',
  'page',
  'prometheus',
  'rehearse',
  'replay',
  'stage',
  'statements',
  'supply',
].map((name) => `tests/${name}.test.ts`);
const TWO_CHECKOUTS = 'cli/lib/step/two-checkouts.test.ts';

// `npm run test:faults`: the app under load while everything around it fails, and thousands of cases of chance; `npm test` has some of them.
const LONG = ['tests/faults/under-load.test.ts'];

export default defineConfig(({ mode }) => ({
  test: {
    include: includes(mode),
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      ...APART.filter((other) => other !== mode).map((other) => `tests/${other}/**`),
      ...(mode === 'faults' ? [] : LONG),
      ...(mode === 'whole' ? [] : [...WHOLE, TWO_CHECKOUTS]),
    ],
    globalSetup: 'tests/support/temporary-folder.ts',
    env: mode === 'faults' ? { FAULTS: 'all' } : {},
    // One cluster for all of them, and its machine is busy enough with one.
    fileParallelism: ![...APART, 'faults'].includes(mode),
    // By default one core is left idle, which is half of a machine with two. Most tests wait for processes.
    maxWorkers: '100%',
    // Servers, databases and browsers start in these tests, on machines with two cores.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // For CI, on a shared machine that may stand still for seconds: a second try, which is told as one.
    retry: Number(process.env.VITEST_RETRY ?? 0),
    expect: { poll: { timeout: 30_000 } },
    // Each test as it ends, where one takes minutes.
    reporters: [APART.includes(mode) ? 'verbose' : 'default', ...(json ? ['json'] : [])],
    ...(json ? { outputFile: { json } } : {}),
  },
}));

function includes(mode: string): string[] {
  if (mode === 'whole') return [...WHOLE, TWO_CHECKOUTS];
  return [...APART, 'faults'].includes(mode)
    ? [`tests/${mode}/**/*.test.ts`]
    : ['{app,cli,components,jobs,sql,tests,bench}/**/*.test.ts'];
}
