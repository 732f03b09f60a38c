import { defineConfig } from 'vitest/config';

const json = process.env.VITEST_JSON;

// `npm run test:engine`: what needs the real Pulumi engine and a cluster, and takes minutes.
export default defineConfig(({ mode }) => ({
  test: {
    include:
      mode === 'engine'
        ? ['tests/engine/**/*.test.ts']
        : ['{app,cli,components,sql,tests,bench}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', ...(mode === 'engine' ? [] : ['tests/engine/**'])],
    // Servers, databases and browsers start in these tests, on machines with two cores.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: json ? ['default', 'json'] : ['default'],
    ...(json ? { outputFile: { json } } : {}),
  },
}));
