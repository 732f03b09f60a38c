import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { anyFreePort } from '../cli/lib/machine/ports.ts';
import { type Built, build, type Image, StepFailed } from './support/dockerfile.ts';
import { startOtlp } from './support/otlp.ts';
import { settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

let folder: string;
let image: Built | undefined;
let test: TestDatabase;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crdb-evolution-image-'));
  chmodSync(folder, 0o711);
  try {
    image = await build('app/Dockerfile', folder);
  } catch (error) {
    const noRegistry = /\b(ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT)\b/;
    if (!(error instanceof StepFailed && noRegistry.test(error.message))) throw error;
    console.warn("SKIPPED: tests/image.test.ts, as npm's registry does not answer.");
  }
  test = await startDatabase();
}, 600_000);
afterAll(async () => {
  await test?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The image's command, as its user where this machine allows that, and without anything of this environment. */
class Container {
  readonly #child: ChildProcess;
  readonly url: string;
  output = '';

  private constructor({ command, root, workdir, environment, user }: Image, more: Record<string, string>) {
    const [uid, gid] = user.split(':').map(Number);
    const [program, ...args] = command;
    expect(program).toBe('node');
    this.url = `http://127.0.0.1:${more.APP_PORT}`;
    this.#child = spawn(process.execPath, args, {
      cwd: join(root, workdir),
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => (this.output += chunk));
  }

  static async start(from: Image, more: Record<string, string> = {}): Promise<Container> {
    const url = (name: 'writer' | 'reader') => readFileSync(test.database.urlFile(name), 'utf8').trim();
    const { APP_DB_WRITER_URL_FILE, APP_DB_READER_URL_FILE, ...others } = settings(test, more);
    const container = new Container(from, {
      ...others,
      APP_PORT: String(await anyFreePort()),
      // The files are for their owner alone.
      APP_DB_WRITER_URL: url('writer'),
      APP_DB_READER_URL: url('reader'),
      APP_LOG_LEVEL: 'info',
    });
    await expect
      .poll(() => container.output + (container.#child.exitCode ?? ''), { timeout: 60_000 })
      .toMatch(/"listening"|\d$/);
    expect(container.output).toContain('"listening"');
    return container;
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
}

describe('the image, laid out as app/Dockerfile does it', () => {
  let app: Container | undefined;
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  it('runs as a user who is not root, and answers its own health check', async ({ skip }) => {
    if (image === undefined) return skip();
    app = await Container.start(image);
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect(image.user).toBe('1000:1000');
    if (process.getuid?.() === 0) expect(statSync(`/proc/${app.pid}`).uid).toBe(1000);
    const [program = '', ...args] = image.healthcheck;
    expect(program).toBe('node');
    execFileSync(process.execPath, args, { env: { APP_PORT: new URL(app.url).port } });
    expect(await app.stop()).toBe(0);
  });

  it('serves the page with its script, its hub, logins, searches and metrics', async ({ skip }) => {
    if (image === undefined) return skip();
    app = await Container.start(image);
    const get = async (path: string) => {
      const response = await fetch(`${app?.url}${path}`);
      expect(response.status, path).toBe(200);
      return response.text();
    };
    const page = await get('/');
    const [, script = 'no script'] = /<script[^>]* src="([^"]+)"/.exec(page) ?? [];
    expect((await get(script)).length).toBeGreaterThan(10_000);

    const before = await test.database.loginEvents();
    const login = await fetch(`${app.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"userId":"ada"}',
    });
    expect(login.status).toBe(201);
    expect(await test.database.loginEvents()).toBe(before + 1);
    expect(JSON.parse(await get('/search?q=a'))).toHaveProperty('terms');
    expect(JSON.parse(await get('/readyz'))).toMatchObject({ ok: true });
    expect(await get('/metrics')).toContain(
      'http_requests_total{method="POST",route="/login",status="201"} 1',
    );

    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/hub`);
    await once(socket, 'open');
    socket.send('{"protocol":"json","version":1}\x1e');
    expect(String((await once(socket, 'message'))[0])).toBe('{}\x1e');
    socket.close();
  });

  it('sends traces when it is told where to', async ({ skip }) => {
    if (image === undefined) return skip();
    const receiver = await startOtlp();
    app = await Container.start(image, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${app.url}/search?q=traced`)).status).toBe(200);
    expect(await app.stop()).toBe(0);
    receiver.stop();
    expect(receiver.traced('/search', 'FROM search_terms')).toBe(true);
  });

  it('holds no package but those that the app needs in production', ({ skip }) => {
    if (image === undefined) return skip();
    expect(packagesTooMany(image, 'app')).toEqual([]);
  });
});

describe('the image of the Job, from the same Dockerfile', () => {
  const job = () => image?.stages.get('evolution');

  it('has the code of the step, which loads there and says what it lacks outside of a cluster', ({
    skip,
  }) => {
    const built = job();
    if (built === undefined) return skip();
    expect(built).toMatchObject({
      user: '1000:1000',
      command: ['node', 'dist/jobs/main.js'],
      workdir: '/app/jobs',
    });
    const [, ...args] = built.command;
    const { status, stdout } = spawnSync(process.execPath, args, {
      cwd: join(built.root, built.workdir),
      env: { ...built.environment },
      encoding: 'utf8',
    });
    // Refused: the code for which the Job is not tried again.
    expect(status, stdout).toBe(3);
    expect(stdout).toContain('Refused, and nothing was changed: The plan has no plan.yaml');
  });

  it('holds no package but those that the step needs, and nothing of Pulumi or the app', ({ skip }) => {
    const built = job();
    if (built === undefined) return skip();
    expect(packagesTooMany(built, 'jobs')).toEqual([]);
    const code = readdirSync(join(built.root, 'app/jobs'), { recursive: true, encoding: 'utf8' });
    expect(
      code.filter((file) => /\.(js|ts)$/.test(file) && !/^dist\/(jobs|components|sql)\/.*\.js$/.test(file)),
    ).toEqual([]);
    for (const file of code.filter((name) => name.endsWith('.js')))
      expect(readFileSync(join(built.root, 'app/jobs', file), 'utf8'), file).not.toMatch(/require\("@pulumi/);
  });
});

/** Packages of an image that its package does not need in production. */
function packagesTooMany({ root, workdir }: Image, workspace: string): string[] {
  const packages = packagesBelow(join(root, workdir, '..'));
  const needed = new Set<string>();
  const add = (names: Iterable<string>) => {
    for (const name of names) {
      if (needed.has(name)) continue;
      needed.add(name);
      for (const found of packages) if (found.name === name) add(needs(found));
    }
  };
  add(needs(JSON.parse(readFileSync(join(__dirname, '..', workspace, 'package.json'), 'utf8'))));
  expect(packages.length).toBeGreaterThan(50);
  return packages.map(({ name }) => name).filter((name) => !needed.has(name));
}

interface Package {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

function needs({
  dependencies,
  optionalDependencies,
  peerDependencies,
  peerDependenciesMeta,
}: Package): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Every package of every node_modules below the folder; not the links that npm makes to workspaces. */
function packagesBelow(path: string): Package[] {
  const found = [];
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const within = entry.parentPath.slice(entry.parentPath.lastIndexOf('node_modules/'));
    if (entry.name !== 'package.json' || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(within)) continue;
    found.push(JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')));
  }
  return found;
}
