import { describe, expect, it } from 'vitest';
import { copyBack } from './backups.ts';

describe('how copied backups get back onto a node', () => {
  it('makes the folder above them first, which a new node does not have', () => {
    const [make, copy] = copyBack('backups/crdb-1', 'backups', 'nodelocal://1/backups');
    expect(make).toBe(
      'kubectl -n <namespace> exec crdb-0 -c db -- mkdir -p /cockroach/cockroach-data/extern',
    );
    expect(copy).toBe(
      'kubectl -n <namespace> cp -c db backups/crdb-1 crdb-0:/cockroach/cockroach-data/extern/backups',
    );
  });

  it('makes every folder above a collection that lies deeper, and not the one that is copied', () => {
    // `kubectl cp` into a folder that is there would copy beside what it should become.
    expect(copyBack('b', 'team/demo', 'nodelocal://1/team/demo')[0]).toMatch(/mkdir -p \S+\/extern\/team$/);
  });

  it('ends with a look at what is there, by the same address', () => {
    expect(copyBack('b', 'backups', 'nodelocal://1/backups').at(-1)).toContain(
      `"SHOW BACKUPS IN 'nodelocal://1/backups'"`,
    );
  });
});
