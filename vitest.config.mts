import { defineConfig } from 'vitest/config';

const json = process.env.VITEST_JSON;

// `npm run test:engine` and `npm run test:cluster`: what needs the real Pulumi engine and a cluster, and takes minutes.
const APART = ['engine', 'cluster'];

export default defineConfig(({ mode }) => ({
  test: {
    include: APART.includes(mode)
      ? [`tests/${mode}/**/*.test.ts`]
      : ['{app,cli,components,sql,tests,bench}/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      ...APART.filter((other) => other !== mode).map((other) => `tests/${other}/**`),
    ],
    // One cluster for all of them, and its machine is busy enough with one.
    fileParallelism: !APART.includes(mode),
    // Servers, databases and browsers start in these tests, on machines with two cores.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: json ? ['default', 'json'] : ['default'],
    ...(json ? { outputFile: { json } } : {}),
  },
}));
