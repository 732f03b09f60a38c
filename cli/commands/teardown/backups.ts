import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listBackups, shown } from '../../../components/database/backup.ts';
import { withCluster } from '../../lib/cluster/inspect.ts';
import { cliError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/machine/folders.ts';
import { kubectl, type Target } from '../../lib/phase/settings.ts';
import type { Terminal } from '../../ui/terminal.ts';

const run = promisify(execFile);
/** Where CockroachDB keeps what `nodelocal` names: `extern` in its first store, which the operator mounts there. */
const EXTERN = '/cockroach/cockroach-data/extern';
const CONTAINER = 'db';

/** The path of a `nodelocal` collection below `extern`; undefined for storage outside the cluster, which a teardown does not touch. */
export function pathOnNode(destination: string): string | undefined {
  const path = /^nodelocal:\/\/[^/?]+(\/[^?]*)?/.exec(destination);
  return path === null ? undefined : (path[1] ?? '/').replace(/^\/+|\/+$/g, '');
}

/**
 * How copied backups get onto the first node of a new cluster. The folder above them is made first: CockroachDB makes `extern` with its
 * first write there, and `kubectl cp` makes no folder above the one that it copies.
 */
export function copyBack(folder: string, path: string, destination: string): string[] {
  const into = join(EXTERN, path);
  const pod = `crdb-0 -c ${CONTAINER}`;
  return [
    `kubectl -n <namespace> exec ${pod} -- mkdir -p ${dirname(into)}`,
    `kubectl -n <namespace> cp -c ${CONTAINER} ${folder} crdb-0:${into}`,
    `kubectl -n <namespace> exec ${pod} -- /cockroach/cockroach sql --certs-dir=/cockroach/cockroach-certs -e "SHOW BACKUPS IN '${destination}'"`,
  ];
}

/** What of the backups is not among the files; paths of backups as the database lists them. */
export function notCopied(listed: readonly string[], folder: string): string[] {
  const files = (path: string): number =>
    !existsSync(path)
      ? 0
      : statSync(path).isFile()
        ? 1
        : readdirSync(path).reduce((sum, name) => sum + files(join(path, name)), 0);
  return listed.filter((path) => files(join(folder, path)) === 0);
}

/**
 * Copies the backups from the disks of the database, where they would go with it. Returns the folder, or null when there is nothing to
 * copy. Throws EVO-603 when the backups cannot be listed, or one of them was not copied.
 */
export async function keepBackups(target: Target, into: string, terminal: Terminal): Promise<string | null> {
  const destination = shown(target.backupDestination);
  const path = pathOnNode(target.backupDestination);
  if (path === undefined) {
    terminal.line(`The backups at ${destination} are outside the cluster, and stay.`);
    return null;
  }
  try {
    const { listed, pods } = await withCluster(target, async ({ database, kubernetes }) => ({
      listed: await listBackups({ destination: target.backupDestination }, database),
      pods: (await kubernetes.pods()).map((pod) => pod.metadata?.name ?? ''),
    }));
    if (listed.length === 0) {
      terminal.line(`There are no backups at ${destination}.`);
      return null;
    }
    makeFolder(into);
    const flags = kubectl(target, target.namespaces.database).split(' ').slice(1);
    for (const pod of pods) {
      const from = join(EXTERN, path);
      // On all nodes but the one that the destination names, there is no such folder.
      const there = await run('kubectl', [...flags, 'exec', pod, '-c', CONTAINER, '--', 'ls', from]).catch(
        () => null,
      );
      if (there === null) continue;
      const args = [...flags, 'cp', '-c', CONTAINER, `${pod}:${from}`, into];
      terminal.line(`$ kubectl ${args.join(' ')}`);
      await run('kubectl', args);
    }
    const missing = notCopied(listed, into);
    if (missing.length > 0) throw new Error(`${missing.join(', ')} is not among the files in ${into}`);
    terminal.good(`${listed.length} backups are in ${into}, as the database wrote them.`);
    terminal.line('To use them in a new cluster, in this order:');
    for (const command of copyBack(into, path, destination)) terminal.line(`  ${command}`);
    return into;
  } catch (error) {
    throw cliError('EVO-603', { destination, problem: (error as Error).message });
  }
}
