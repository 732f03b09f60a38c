import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from './connection.ts';
import type { Kubernetes } from './kubernetes.ts';
import { refusal, testRun } from './recorder.testing.ts';
import type { Query } from './sql.ts';

// What happens at the connection's edge: which pod is chosen, what is sent, and what follows when it breaks.

const pod = (name: string, ready = true): V1Pod => ({
  metadata: { name },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const SECRET = { 'ca.crt': 'the CA', 'tls.crt': 'a certificate', 'tls.key': 'a key' };

function kubernetes(pods: () => V1Pod[], secret: Record<string, string> | null = SECRET): Kubernetes {
  const unused = () => Promise.reject(new Error('not asked in this test'));
  return {
    kubeconfig: {} as KubeConfig,
    namespace: 'crdb',
    name: 'crdb',
    rootSecret: 'crdb-root-tls',
    cluster: unused,
    wake: unused,
    statefulSet: unused,
    disks: unused,
    storageClasses: unused,
    warnings: unused,
    pods: async () => pods(),
    secret: async () => secret,
  };
}

interface Sent {
  readonly pod: string;
  readonly database: string;
  readonly user: string;
  readonly text: string;
}

/** Sessions that answer as `answer` says; an error stands for a refusal or a broken connection, 'silence' for no answer at all. */
function sessions(answer: (sent: Sent, count: number) => Error | 'silence' | undefined) {
  const sent: Sent[] = [];
  const closed: string[] = [];
  const open = async (_: unknown, pod: string, __: unknown, database: string, login: Query['login']) => ({
    client: {
      query: (text: string) => {
        const what = { pod, database, user: login?.user ?? 'root', text };
        sent.push(what);
        const given = answer(what, sent.length);
        if (given === 'silence') return new Promise(() => {});
        return given ? Promise.reject(given) : Promise.resolve({ rows: [{ from: pod }] });
      },
    },
    close: () => void closed.push(pod),
  });
  return { sent, closed, session: open, open: open as never };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function outcome<T>(promise: Promise<T>): Promise<T | Error> {
  const settled = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return settled;
}

const two = () => [pod('crdb-0'), pod('crdb-1')];
const texts = (sent: Sent[]) => sent.map(({ pod, text }) => `${pod} ${text}`);
const BROKEN = new Error('Connection terminated unexpectedly');

describe('a query', () => {
  it('tries a connection that was idle before it is used, and not one that was just used', async () => {
    const { sent, open } = sessions(() => undefined);
    const database = openDatabase(kubernetes(two), testRun(), open);
    await database.query({ text: 'a' });
    await database.query({ text: 'b' });
    await vi.advanceTimersByTimeAsync(5000);
    await database.query({ text: 'c' });
    expect(texts(sent)).toEqual(['crdb-0 a', 'crdb-0 b', 'crdb-0 SELECT 1', 'crdb-0 c']);
  });

  it('goes to a pod that is ready', async () => {
    const { sent, open } = sessions(() => undefined);
    const pods = () => [pod('crdb-0', false), pod('crdb-1')];
    await openDatabase(kubernetes(pods), testRun(), open).query({ text: 'a' });
    expect(new Set(sent.map((s) => s.pod))).toEqual(new Set(['crdb-1']));
  });

  it.each([BROKEN, refusal('57P01', 'server is shutting down'), refusal('ECONNRESET', 'read ECONNRESET')])(
    'is sent again to another pod when the connection breaks: %s',
    async (error) => {
      const { sent, closed, open } = sessions(({ pod, text }) =>
        pod === 'crdb-0' && text === 'a' ? error : undefined,
      );
      const database = openDatabase(kubernetes(two), testRun(), open);
      expect(await outcome(database.query({ text: 'a' }))).toEqual([{ from: 'crdb-1' }]);
      expect(texts(sent)).toEqual(['crdb-0 a', 'crdb-1 a']);
      expect(closed).toEqual(['crdb-0']);
    },
  );

  it('does not wait long for a pod that went away without a word', async () => {
    let away = false;
    const { open } = sessions(({ pod }) => (away && pod === 'crdb-0' ? 'silence' : undefined));
    const database = openDatabase(kubernetes(two), testRun(), open);
    await database.query({ text: 'a' });
    away = true;
    await vi.advanceTimersByTimeAsync(5000);
    const start = Date.now();
    const rows = await outcome(database.query({ text: 'a' }));
    expect(rows).toEqual([{ from: 'crdb-1' }]);
    expect(Date.now() - start).toBeLessThan(10_000);
  });

  it('is sent again also when it had run for long before its connection broke', async () => {
    const { sent, session: opened } = sessions(({ pod }) => (pod === 'crdb-0' ? 'silence' : undefined));
    let fail: (error: Error) => void = () => {};
    const slow = async (...args: Parameters<typeof opened>) => {
      const session = await opened(...args);
      const broken = new Promise((_, reject) => {
        fail = reject;
      });
      const query = (text: string) => Promise.race([session.client.query(text), broken]);
      return { ...session, client: { query } };
    };
    const database = openDatabase(kubernetes(two), testRun(), slow as never);
    const rows = database.query({ text: 'count', seconds: 3600 });
    await vi.advanceTimersByTimeAsync(600_000);
    fail(BROKEN);
    expect(await outcome(rows)).toEqual([{ from: 'crdb-1' }]);
    expect(texts(sent)).toEqual(['crdb-0 count', 'crdb-1 count']);
  });

  it('is sent again on the same connection after a serialisation failure', async () => {
    const retry = refusal('40001', 'restart transaction');
    const { sent, closed, open } = sessions((_, count) => (count === 1 ? retry : undefined));
    await outcome(openDatabase(kubernetes(two), testRun(), open).query({ text: 'a' }));
    expect(texts(sent)).toEqual(['crdb-0 a', 'crdb-0 a']);
    expect(closed).toEqual([]);
  });

  it.each([
    refusal('42501', 'permission denied'),
    refusal('28P01', 'password authentication failed'),
    refusal('XXUUU', 'failed to decrypt'),
    refusal('ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another name'),
    refusal('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
  ])('is not sent again when the answer would be the same: %s', async (error) => {
    const { sent, open } = sessions(() => error);
    expect(await outcome(openDatabase(kubernetes(two), testRun(), open).query({ text: 'a' }))).toBe(error);
    expect(sent).toHaveLength(1);
  });

  it('gives up after two minutes without a pod, with what it saw', async () => {
    const { open } = sessions(() => undefined);
    const database = openDatabase(
      kubernetes(() => [pod('crdb-0', false)]),
      testRun(),
      open,
    );
    expect(await outcome(database.query({ text: 'a' }))).toMatchObject({
      message: expect.stringMatching(
        /took no statement for 120 s\. Seen last: crdb-0 Running, not ready\. Look at: kubectl -n crdb/,
      ),
    });
  });

  it('is not sent again when it had no answer in its time, and is cancelled: its connection is closed', async () => {
    const { sent, closed, open } = sessions(({ text }) => (text === 'count' ? 'silence' : undefined));
    const database = openDatabase(kubernetes(two), testRun(), open);
    const start = Date.now();
    expect(await outcome(database.query({ text: 'count', seconds: 90 }))).toMatchObject({
      message: 'crdb-0 did not answer within 90 s. The statement was left, and is not sent again: count',
    });
    expect(Date.now() - start).toBeLessThan(91_000);
    expect(texts(sent)).toEqual(['crdb-0 count']);
    expect(closed).toEqual(['crdb-0']);
    // The next one goes to another node: this one may be gone.
    expect(await outcome(database.query({ text: 'a' }))).toEqual([{ from: 'crdb-1' }]);
  });

  it('ends at once when it is cancelled, and so does what the database does for it: its connection is closed', async () => {
    const run = testRun();
    const { closed, open } = sessions(() => 'silence');
    const query = openDatabase(kubernetes(two), run, open)
      .query({ text: 'a' })
      .catch((error) => error);
    await vi.advanceTimersByTimeAsync(100);
    run.cancel('Cancelled (SIGTERM)');
    expect(await query).toMatchObject({ message: 'Cancelled (SIGTERM)' });
    expect(closed).toEqual(['crdb-0']);
  });

  it('opens a connection of its own for another database and another user', async () => {
    const { sent, open } = sessions(() => undefined);
    const database = openDatabase(kubernetes(two), testRun(), open);
    await database.query({ text: 'a' });
    await database.query({ text: 'b', database: 'evolution' });
    await database.query({ text: 'c', database: 'evolution', login: { user: 'app_writer', password: 'x' } });
    const statements = sent.filter(({ text }) => text.length === 1);
    expect(statements.map(({ database, user }) => [database, user])).toEqual([
      ['defaultdb', 'root'],
      ['evolution', 'root'],
      ['evolution', 'app_writer'],
    ]);
  });

  it.each([
    [null, 'is not there'],
    [{ 'ca.crt': 'the CA' }, 'lacks ca.crt, tls.crt or tls.key'],
  ])('says at once that the certificate of root is missing: %j', async (secret, words) => {
    const { open } = sessions(() => undefined);
    const database = openDatabase(kubernetes(two, secret), testRun(), open);
    expect(await outcome(database.query({ text: 'a' }))).toMatchObject({
      message: expect.stringContaining(`The Secret crdb-root-tls of namespace crdb ${words}`),
    });
  });
});
