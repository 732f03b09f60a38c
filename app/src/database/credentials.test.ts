import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { credentials } from './credentials.ts';

const url = (user: string) => `postgresql://${user}@127.0.0.1/evolution`;

describe('credentials of a file', () => {
  let folder: string;
  let stop: () => void = () => {};

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  });
  afterEach(() => {
    stop();
    rmSync(folder, { recursive: true });
  });

  it('are read anew, and a change is told, when the file is replaced', async () => {
    const path = join(folder, 'url');
    writeFileSync(path, url('one'));
    const source = credentials({ kind: 'file', path });
    const changed = vi.fn();
    stop = source.watch(changed);
    expect(source.read().user).toBe('one');
    writeFileSync(`${path}.new`, `${url('two')}\n`);
    renameSync(`${path}.new`, path);
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 5000);
    expect(source.read().user).toBe('two');
  });

  it('are seen to change when Kubernetes swaps the link of a mounted Secret, again and again', async () => {
    const put = (version: string, user: string) => {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'url'), url(user));
      symlinkSync(version, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    put('..v1', 'one');
    symlinkSync(join('..data', 'url'), join(folder, 'url'));
    const source = credentials({ kind: 'file', path: join(folder, 'url') });
    const changed = vi.fn();
    stop = source.watch(changed);
    for (const [version, user] of [
      ['..v2', 'two'],
      ['..v3', 'three'],
    ] as const) {
      changed.mockClear();
      put(version, user);
      await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 5000);
      expect(source.read().user).toBe(user);
    }
  });

  it('are also told to change when a certificate that they name does', async () => {
    const ca = join(folder, 'ca.crt');
    const path = join(folder, 'url');
    writeFileSync(ca, 'one');
    writeFileSync(path, `${url('u')}?sslmode=verify-full&sslrootcert=${ca}`);
    const source = credentials({ kind: 'file', path });
    const changed = vi.fn();
    stop = source.watch(changed);
    writeFileSync(ca, 'another');
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 5000);
    expect(source.read().ssl).toMatchObject({ ca: 'another' });
  });

  it('say which file cannot be read, and not what was in it', () => {
    const source = credentials({ kind: 'file', path: join(folder, 'absent') });
    expect(() => source.read()).toThrow(/cannot read .*absent \(ENOENT\)/);
  });
});
