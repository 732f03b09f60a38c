import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockState, readLocks, stateFolder } from './backend.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backend-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  delete process.env.PULUMI_BACKEND_URL;
});

describe("the state's folder", () => {
  const project = (text: string) => writeFileSync(join(directory, 'Pulumi.yaml'), text);

  it('is the one of Pulumi.yaml, made when it is missing', () => {
    project('name: p\nbackend:\n  url: file://./.state\n');
    expect(stateFolder(directory)).toBe(join(directory, '.state'));
  });

  it('is the one of the environment, which Pulumi prefers', () => {
    project('name: p\nbackend:\n  url: file://./.state\n');
    process.env.PULUMI_BACKEND_URL = `file://${directory}/other`;
    expect(stateFolder(directory)).toBe(join(directory, 'other'));
  });

  it('is none for a backend in the cloud', () => {
    project('name: p\nbackend:\n  url: s3://bucket\n');
    expect(stateFolder(directory)).toBeUndefined();
    project('name: p\n');
    expect(stateFolder(directory)).toBeUndefined();
  });
});

describe("Pulumi's locks", () => {
  it('are read per stack', () => {
    const folder = join(directory, '.pulumi/locks/organization/p/phase1');
    mkdirSync(folder, { recursive: true });
    const lock = { pid: 7, hostname: 'h', username: 'ann', timestamp: 'noon' };
    writeFileSync(join(folder, 'id.json'), JSON.stringify(lock));
    writeFileSync(join(folder, 'half.json'), '{');
    expect(readLocks(directory, 'p')).toEqual([{ ...lock, stack: 'phase1' }]);
    expect(readLocks(directory, 'other')).toEqual([]);
  });

  it('are held by a process that lives, stale when it is gone, and not judged from another machine', () => {
    const lock = { pid: 7, hostname: 'here' };
    expect(lockState(lock, { hostname: 'here', looksLike: () => true })).toBe('held');
    expect(lockState(lock, { hostname: 'here', looksLike: () => false })).toBe('stale');
    expect(lockState(lock, { hostname: 'there', looksLike: () => true })).toBe('elsewhere');
  });
});
