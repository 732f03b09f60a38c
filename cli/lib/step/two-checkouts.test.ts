import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT } from '../program/evaluate.ts';

// Two checkouts of the project on one cluster, as real processes. The API server is one of Leases only, that keeps their versions.
interface Lease {
  metadata: { name?: string; resourceVersion?: string };
  spec: { holderIdentity?: string };
}
const leases = new Map<string, Lease>();
let version = 0;
const body = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text || '{}');
};
const server = createServer(async (request, response) => {
  const answer = (code: number, object: object) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(object));
  const status = (code: number) => answer(code, { kind: 'Status', code });
  const [, name] =
    /^\/apis\/coordination.k8s.io\/v1\/namespaces\/default\/leases(?:\/([\w.-]+))?$/.exec(
      request.url ?? '',
    ) ?? [];
  const sent = await body(request);
  const key = name ?? sent.metadata?.name ?? '';
  const found = leases.get(key);
  const put = (code: number) => {
    version += 1;
    const stored = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
    leases.set(key, stored);
    answer(code, stored);
  };
  if (request.method === 'POST') return found === undefined ? put(201) : status(409);
  if (found === undefined) return status(404);
  if (request.method === 'GET') return answer(200, found);
  const last = sent.metadata?.resourceVersion ?? sent.preconditions?.resourceVersion;
  if (last !== found.metadata.resourceVersion) return status(409);
  if (request.method === 'PUT') return put(200);
  leases.delete(key);
  return status(200);
});

let folder: string;
let kubeconfig: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'two-checkouts-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  kubeconfig = join(folder, 'kubeconfig');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'x', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      users: [{ name: 'x', user: {} }],
      'current-context': 'x',
    }),
  );
});
beforeEach(() => {
  leases.clear();
  for (const checkout of ['a', 'b']) {
    mkdirSync(join(folder, checkout), { recursive: true });
    for (const file of readdirSync(PROJECT).filter((name) => /^Pulumi.*\.yaml$/.test(name)))
      copyFileSync(join(PROJECT, file), join(folder, checkout, file));
  }
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const checkout of ['a', 'b', 'state'])
    rmSync(join(folder, checkout), { recursive: true, force: true });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Takes the lock in a checkout. `s3:` stands for a backend that no file can be put in. */
function begin(checkout: 'a' | 'b', backend: 'shared files' | 's3', phase: string) {
  const url = backend === 's3' ? 's3://team-bucket' : `file://${join(folder, 'state')}`;
  const args = ['--import', 'tsx', join(__dirname, 'hold-lock-main.ts'), join(folder, checkout)];
  const child = spawn(process.execPath, [...args, `npm run evolve -- ${phase}`], {
    cwd: PROJECT,
    env: { ...process.env, KUBECONFIG: kubeconfig, PULUMI_BACKEND_URL: url },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid,
    kill: () => child.kill('SIGKILL'),
    end: () => {
      child.stdin.end();
      return ended;
    },
    ended,
    text: () => text,
    says: (pattern: RegExp) => expect.poll(() => text, PATIENT).toMatch(pattern),
  };
}

/** A process takes its time to start on a busy machine. */
const PATIENT = { timeout: 120_000 };

describe.each(['shared files', 's3'] as const)(
  'two checkouts with one backend of %s',
  { timeout: 400_000 },
  (backend) => {
    it('take one step at a time: the second is told who is at the first, and not to cancel it', async () => {
      const first = begin('a', backend, 'phase1');
      await first.says(/^taken$/m);
      const second = begin('b', backend, 'phase2');
      expect(await second.ended).toBe(1);
      expect(second.text()).toContain(
        `EVO-205: Another step is in progress: npm run evolve -- phase1, process ${first.pid} of `,
      );
      expect(second.text()).toContain(`on ${hostname()}, since `);
      expect(second.text()).not.toMatch(/cancel|\brm /);
      expect(await first.end()).toBe(0);
      expect(leases.size).toBe(0);
      const third = begin('b', backend, 'phase2');
      await third.says(/^taken$/m);
      await third.end();
    });

    it('go on when the first was killed, and not before that is sure', async () => {
      const first = begin('a', backend, 'phase1');
      await first.says(/^taken$/m);
      first.kill();
      await first.ended;
      const second = begin('b', backend, 'phase2');
      await second.says(/^taken over$/m);
      await second.end();
    });

    it('never both go on, when they begin at the same moment', async () => {
      const both = [begin('a', backend, 'phase1'), begin('b', backend, 'phase2')];
      await expect.poll(() => both.filter(({ text }) => /^taken$/m.test(text())).length, PATIENT).toBe(1);
      await expect.poll(() => both.filter(({ text }) => /EVO-205/.test(text())).length, PATIENT).toBe(1);
    });
  },
);
