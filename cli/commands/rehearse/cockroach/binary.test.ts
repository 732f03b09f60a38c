import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkCockroach, findCockroach, versionNote } from './binary.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'binary-test-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A program that prints this, whatever it is asked. */
function program(text: string, code = 0): string {
  const path = join(folder(), 'cockroach');
  writeFileSync(path, `#!/bin/sh\necho '${text}'\nexit ${code}\n`, { mode: 0o755 });
  return path;
}

describe('the program cockroach', () => {
  it('is the one that COCKROACH names, or else the first on PATH', () => {
    const path = program('v26.2.5');
    const none = folder();
    mkdirSync(join(none, 'cockroach'));
    const PATH = [none, join(path, '..')].join(delimiter);
    expect(findCockroach({ PATH })).toBe(path);
    expect(findCockroach({ PATH, COCKROACH: '/elsewhere/cockroach-26' })).toBe('/elsewhere/cockroach-26');
    expect(findCockroach({ PATH, COCKROACH: '' })).toBe(path);
    expect(findCockroach({ PATH: none })).toBeNull();
    expect(findCockroach({})).toBeNull();
  });

  it.each(['v26.2.0', 'v26.2.5', 'v26.3.1', 'v27.1.0', 'v26.2.6-rc.1'])('may be %s', async (version) => {
    const path = program(version);
    expect(await checkCockroach(path)).toEqual({ path, version });
  });

  it.each(['v25.4.9', 'v26.1.12', 'v26.2.0-beta.3', 'v9.9.9'])('may not be %s', async (version) => {
    await expect(checkCockroach(program(version))).rejects.toThrow(
      `is CockroachDB ${version}, and the statements of this project need v26.2.0 or newer`,
    );
  });

  it('is told apart from another program, from one that fails, from a file, and from nothing', async () => {
    await expect(checkCockroach(program('hello'))).rejects.toThrow(/is not CockroachDB: .* printed "hello"/);
    await expect(checkCockroach(program('bad option', 2))).rejects.toThrow(
      /does not report its version: bad option$/,
    );
    const file = program('v26.2.5');
    chmodSync(file, 0o644);
    await expect(checkCockroach(file)).rejects.toThrow(`${file} is not an executable program`);
    await expect(checkCockroach('/no/such/file')).rejects.toThrow('is not an executable program');
    await expect(checkCockroach(null)).rejects.toMatchObject({
      code: 'EVO-911',
      message: expect.stringMatching(/there is no cockroach on PATH$/),
      next: expect.stringMatching(
        /^Download .* Without --database, the rehearsal runs on an embedded PostgreSQL$/,
      ),
    });
  });

  it('is noted when nothing here was written for it', () => {
    expect(versionNote({ path: '', version: 'v26.2.9' })).toBeNull();
    expect(versionNote({ path: '', version: 'v26.3.0' })).toMatch(/newer than v26\.2/);
  });
});
