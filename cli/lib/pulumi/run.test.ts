import { describe, expect, it } from 'vitest';
import { heldByAnother } from './run.ts';

const result = (stderr: string) => ({ code: 255, stdout: '', stderr });

describe('a command that another process keeps from its stack', () => {
  it('is told who that is, and not to cancel it', () => {
    const error = heldByAnother(
      result(`error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://team/.pulumi/locks/organization/p/phase1/x.json: created by ann@laptop (pid 4711) at 2026-06-12T10:11:12Z`),
    );
    expect(error).toMatchObject({
      code: 'EVO-205',
      message: 'Another step is in progress: pulumi, process 4711 of ann@laptop, since 2026-06-12T10:11:12Z',
    });
    expect(error?.next).not.toContain('cancel');
  });

  it('is found where a service keeps the locks', () => {
    const text = 'error: [409] Conflict: Another update is currently in progress.\nTo learn more ...';
    expect(heldByAnother(result(text))?.code).toBe('EVO-205');
  });

  it('is told from one that failed otherwise', () => {
    expect(heldByAnother(result('error: no such stack'))).toBeUndefined();
  });
});
