import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCli } from './find.ts';

let project: string;
let path: string;

function program(folder: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pulumi'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'pulumi'), 0o755);
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'find-test-'));
  path = join(project, 'bin');
  vi.stubEnv('PATH', `${join(project, 'node_modules/.bin')}:${path}:/usr/bin:/bin`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(project, { recursive: true });
});

const ofNpm = (script: string) => program(join(project, 'node_modules/.bin'), script);

describe('the Pulumi CLI', () => {
  it('is the one of the PATH, and else that of the npm package, which is typed with npx', () => {
    ofNpm('echo v3.265.0');
    expect(findCli(project)).toMatchObject({ shown: 'npx pulumi', version: '3.265.0' });
    program(path, 'echo v3.200.0');
    expect(findCli(project)).toMatchObject({ shown: 'pulumi', version: '3.200.0' });
  });

  it('is passed over when it is too old to hand a state over', () => {
    program(path, 'echo v3.114.0');
    ofNpm('echo v3.265.0');
    expect(findCli(project).shown).toBe('npx pulumi');
  });

  it('says why it does not work, in its own words: the download of the npm package failed', () => {
    ofNpm('echo "Downloading pulumi v3.265.0..." >&2; echo "pulumi: fetch failed" >&2; exit 1');
    expect(() => findCli(project)).toThrow(/^No working Pulumi CLI was found: .*pulumi: fetch failed$/);
  });
});
