import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentContext } from '../../cli/commands/demo/surroundings.ts';
import { findKubeconfig } from './kubeconfig.ts';
import { connectKubernetes } from './kubernetes.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const connect = (context: string) => () =>
  connectKubernetes({ context, namespace: 'crdb' }, new AbortController().signal);

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('SKIPPED the comparison with kubectl: it is not there');
    return false;
  }
})();

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
    expect(connect('')).toThrow(/^There is no kubeconfig: KUBECONFIG names .*nowhere, which does not exist/);
    use('clusters: [');
    expect(connect('')).toThrow(/^The kubeconfig .*kubeconfig cannot be read: /);
    use('just words');
    expect(connect('')).toThrow(/has no current context/);
  });

  it('without a current context is told so, with the command that sets one', () => {
    use('{apiVersion: v1, kind: Config, clusters: [], contexts: [], users: []}');
    expect(connect('')).toThrow(/has no current context.*kubectl config use-context/);
    expect(connect('kind-x')).toThrow('has no context "kind-x", only: none');
    expect(currentContext()).toBeUndefined();
  });
});

describe('several kubeconfigs', () => {
  const file = (name: string, content: object | string) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const config = (current: string, ...names: string[]) => ({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: names.map((name) => ({
      name,
      cluster: { server: `https://${current || 'none'}:1`, 'certificate-authority': 'ca' },
    })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'me' } })),
    users: [{ name: 'me', user: { token: current } }],
    ...(current === '' ? {} : { 'current-context': current }),
  });
  const read = (...files: string[]) => {
    vi.stubEnv('KUBECONFIG', files.join(delimiter));
    const found = findKubeconfig();
    return {
      contexts: found?.getContexts().map(({ name }) => name),
      current: found?.getCurrentContext() || undefined,
      servers: found?.getClusters().map(({ server }) => server),
      users: found?.getUsers().map(({ token }) => token),
    };
  };
  const cases = () => {
    const [a, b, none, empty] = [
      file('a', config('one', 'one', 'both')),
      file('b', config('two', 'two', 'both')),
      file('c', config('', 'three')),
      file('empty', ''),
    ];
    const missing = join(folder, 'missing');
    return [
      [a, missing],
      [missing, a],
      [a, b],
      [b, a],
      ['', a, ''],
      [none, b],
      [empty, a],
    ];
  };

  it('are merged: what is not there is left out, and the first that names something wins', () => {
    const [first = [], , third = [], , , sixth = []] = cases();
    expect(read(...first)).toEqual({
      contexts: ['one', 'both'],
      current: 'one',
      servers: ['https://one:1', 'https://one:1'],
      users: ['one'],
    });
    expect(read(...third)).toMatchObject({
      contexts: ['one', 'both', 'two'],
      current: 'one',
      users: ['one'],
    });
    expect(read(...sixth)).toMatchObject({ contexts: ['three', 'two', 'both'], current: 'two' });
  });

  it.skipIf(!hasKubectl)('are what kubectl makes of them', () => {
    for (const files of cases()) {
      const told = JSON.parse(
        execFileSync('kubectl', ['config', 'view', '--raw', '-o', 'json'], {
          encoding: 'utf8',
          env: { ...process.env, KUBECONFIG: files.join(delimiter) },
        }),
      );
      const mine = read(...files);
      expect(mine.current).toBe(told['current-context']);
      expect(mine.contexts?.toSorted()).toEqual(
        told.contexts.map((c: { name: string }) => c.name).toSorted(),
      );
      expect(mine.servers?.toSorted()).toEqual(
        told.clusters.map((c: { cluster: { server: string } }) => c.cluster.server).toSorted(),
      );
      expect(mine.users).toEqual(told.users.map((u: { user: { token: string } }) => u.user.token));
    }
  });
});
