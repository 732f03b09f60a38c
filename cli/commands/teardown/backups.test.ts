import { describe, expect, it, vi } from 'vitest';
import { BACKUP_REFUSALS } from '../../../components/database/backup-refusals.testing.ts';
import { type Answer, recorder, refusal } from '../../../components/database/recorder.testing.ts';
import { target } from '../../lib/cluster/cluster.testing.ts';
import { Terminal } from '../../ui/terminal.ts';
import { copyBack, keepBackups } from './backups.ts';

const at: { answer: Answer } = { answer: [] };
vi.mock('../../lib/cluster/inspect.ts', () => ({
  withCluster: (_: unknown, work: (clients: unknown) => unknown) =>
    work({ database: recorder(() => at.answer), kubernetes: { pods: async () => [] } }),
}));

describe('before a teardown', () => {
  const keep = async (answer: Answer) => {
    at.answer = answer;
    const lines: string[] = [];
    const terminal = new Terminal(false, (text) => void lines.push(text));
    return { kept: await keepBackups(target(), '/nowhere', terminal), lines };
  };

  it('there is nothing to copy from a collection that was never written to', async () => {
    const { kept, lines } = await keep([]);
    expect(kept).toBeNull();
    expect(lines).toEqual(['There are no backups at nodelocal://1/backups.\n']);
  });

  it.each(BACKUP_REFUSALS)('backups that cannot be listed are not taken for none: %s', async (_, message) => {
    await expect(keep(refusal('XXUUU', message))).rejects.toMatchObject({ code: 'EVO-603' });
  });
});

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
