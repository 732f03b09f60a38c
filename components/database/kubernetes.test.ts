import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentContext } from '../../cli/demo/surroundings.ts';
import { connectKubernetes } from './kubernetes.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const connect = (context: string) => () =>
  connectKubernetes({ context, namespace: 'crdb' }, new AbortController().signal);

// A pod has a cluster without a kubeconfig: its own.
const inPod = existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token');

describe.skipIf(inPod)('a machine that never had a cluster', () => {
  beforeEach(() => {
    vi.stubEnv('HOME', folder);
    vi.stubEnv('KUBECONFIG', '');
  });

  it.each(['', 'kind-x'])('is told that there is no kubeconfig, with context "%s"', (context) => {
    expect(connect(context)).toThrow(/^There is no kubeconfig: .*npm run demo/);
  });

  it('has no current context', () => {
    expect(currentContext()).toBeUndefined();
  });
});

describe('a kubeconfig', () => {
  const use = (content: string) => {
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, content);
    vi.stubEnv('KUBECONFIG', file);
  };

  it('that is not there, or is none, is named with what is wrong', () => {
    vi.stubEnv('KUBECONFIG', join(folder, 'nowhere'));
    expect(connect('')).toThrow(/^The kubeconfig cannot be read: .*nowhere/);
    use('clusters: [');
    expect(connect('')).toThrow(/^The kubeconfig cannot be read: /);
  });

  it('without a current context is told so, with the command that sets one', () => {
    use('{apiVersion: v1, kind: Config, clusters: [], contexts: [], users: []}');
    expect(connect('')).toThrow(/has no current context.*kubectl config use-context/);
    expect(connect('kind-x')).toThrow('has no context "kind-x", only: none');
    expect(currentContext()).toBeUndefined();
  });
});
