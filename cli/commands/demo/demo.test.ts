import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Terminal } from '../../ui/terminal.ts';
import { demo } from './demo.ts';

const ROOT = join(__dirname, '../../..');
const OPEN = '{"app":"kubectl -n sample-app port-forward service/sample-app 8080:80"}';

/** A folder with the project's settings, and programs on the PATH that write down how they were called. */
let folder: string;
const calls = () =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];
const changing = () => calls().filter((call) => !/version|get clusters|stack (ls|export|output)/.test(call));

function program(name: string, script: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${folder}/calls'\n${script}\n`);
  chmodSync(file, 0o755);
}

function run(over: Partial<Parameters<typeof demo>[0]> = {}): { code: Promise<number>; text: () => string } {
  let text = '';
  const terminal = new Terminal(false, (more) => {
    text += more;
  });
  return {
    code: demo({ context: undefined, image: undefined, ask: false, directory: folder, ...over }, terminal),
    text: () => text,
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evolution-demo-'));
  for (const file of readdirSync(ROOT).filter((name) => /^Pulumi.*\.yaml$/.test(name)))
    copyFileSync(join(ROOT, file), join(folder, file));
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', 'test');
  vi.stubEnv('KUBECONFIG', join(folder, 'no-kubeconfig'));
  program('docker', '');
  program('kind', '');
  program(
    'pulumi',
    `case "$*" in
version*) echo v3.265.0;;
"stack ls"*) echo '[]';;
"stack output open"*) echo '${OPEN}';;
esac`,
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the demo', () => {
  it('runs the commands that it prints, in their order, and ends with the addresses', async () => {
    const demoed = run();
    expect(await demoed.code).toBe(0);
    const printed = demoed
      .text()
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.slice(2));
    expect(changing()).toEqual(printed.filter((line) => !line.includes('output')));
    expect(changing()).toEqual([
      'kind create cluster --name crdb-evolution --config cli/commands/demo/kind.yaml --wait 120s',
      'docker build -f app/Dockerfile -t sample-app:0.1.0 .',
      'kind load docker-image sample-app:0.1.0 --name crdb-evolution',
      ...['phase0', 'phase1', 'phase2'].flatMap((stack) => [
        `pulumi stack init ${stack} --no-select`,
        `pulumi config set context kind-crdb-evolution --stack ${stack}`,
      ]),
      'pulumi up --stack phase0 --yes',
    ]);
    expect(demoed.text()).toContain('kubectl -n sample-app port-forward service/sample-app 8080:80');
    expect(demoed.text()).toContain('http://localhost:8080');
  });

  it('stops at the first command that fails, and says which', async () => {
    program('docker', 'case "$1" in build) exit 3;; esac');
    await expect(run().code).rejects.toMatchObject({
      code: 'EVO-804',
      message: 'docker build -f app/Dockerfile -t sample-app:0.1.0 . ended with exit code 3',
    });
    expect(changing().at(-1)).toBe('docker build -f app/Dockerfile -t sample-app:0.1.0 .');
  });

  it('changes nothing when a tool is missing, and says how to get it', async () => {
    rmSync(join(folder, 'kind'));
    await expect(run().code).rejects.toMatchObject({ code: 'EVO-801', next: expect.stringMatching(/kind/) });
    expect(changing()).toEqual([]);
  });

  it('changes nothing when a later phase owns the cluster', async () => {
    const guard = { urn: 'urn:pulumi:phase1::p::t::guard', type: 'x:y:Z' };
    program(
      'pulumi',
      `case "$*" in
version*) echo v3.265.0;;
"stack ls"*) echo '[{"name":"phase1"}]';;
"stack export"*) echo '${JSON.stringify({ deployment: { resources: [guard] } })}';;
esac`,
    );
    await expect(run().code).rejects.toMatchObject({ code: 'EVO-802' });
    expect(changing()).toEqual([]);
  });

  it('looks at a cluster that is there already, and changes nothing where it cannot', async () => {
    program('kind', 'case "$*" in "get clusters") echo crdb-evolution;; esac');
    await expect(run({ ask: true }).code).rejects.toMatchObject({ code: 'EVO-302' });
    expect(changing()).toEqual([]);
  });

  describe('on a cluster that is there, also when it is to ask nothing', () => {
    let terminating: string[] = [];
    const server = createServer((request, response) => {
      const items = (request.url ?? '').startsWith('/api/v1/namespaces')
        ? terminating.map((name) => ({ metadata: { name }, status: { phase: 'Terminating' } }))
        : [];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }));
    });
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void server.close());
    beforeEach(() => {
      const { port } = server.address() as AddressInfo;
      const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
      const kubeconfig = {
        clusters: [{ name: 'up', cluster }],
        contexts: [{ name: 'up', context: { cluster: 'up', user: 'me' } }],
        users: [{ name: 'me', user: {} }],
        'current-context': 'up',
      };
      writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
      vi.stubEnv('KUBECONFIG', join(folder, 'kubeconfig'));
      terminating = [];
    });
    const there = { context: 'up', image: 'registry.example/sample-app:1' };

    it('writes nothing before it has looked: a context that is not there is refused', async () => {
      await expect(run({ ...there, context: 'nosuch' }).code).rejects.toMatchObject({
        code: 'EVO-302',
        message: expect.stringMatching(/no context "nosuch", only: up\. .*in each stack: .* -s <stack>/),
      });
      expect(changing()).toEqual([]);
    });

    it('waits for no namespace that is being deleted, and names it', async () => {
      terminating = ['other', 'crdb', 'sample-app'];
      await expect(run(there).code).rejects.toMatchObject({
        code: 'EVO-805',
        message: expect.stringContaining('Namespace crdb, sample-app of context up is being deleted'),
        next: 'kubectl --context up wait --for=delete namespace/crdb namespace/sample-app --timeout=10m, then: npm run demo -- --context up --image registry.example/sample-app:1 --yes',
      });
      expect(changing()).toEqual([]);
    });

    it('goes on, and repeats what was typed when a command fails', async () => {
      program(
        'pulumi',
        'case "$*" in version*) echo v3.265.0;; "stack ls"*) echo "[]";; up*) exit 255;; esac',
      );
      await expect(run(there).code).rejects.toMatchObject({
        code: 'EVO-804',
        next: 'Fix what it says above, then: npm run demo -- --context up --image registry.example/sample-app:1 --yes',
      });
    });
  });

  it('refuses a cluster that no image of this machine gets into', async () => {
    await expect(run({ context: 'eks' }).code).rejects.toMatchObject({
      code: 'EVO-803',
      next: expect.stringContaining('npm run demo -- --context eks --image'),
    });
  });
});
