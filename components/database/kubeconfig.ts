import * as fs from 'node:fs';
import * as path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { stop } from './waiting.ts';

/** As kubectl finds it; null when this machine has none. Throws when a file cannot be read. */
export function findKubeconfig(): KubeConfig | null {
  const { KUBECONFIG: named = '', HOME: home = '' } = process.env;
  if (named !== '')
    return merged(named.split(path.delimiter).filter((file) => file !== '' && fs.existsSync(file)));
  const own = path.join(home, '.kube', 'config');
  if (home !== '' && fs.existsSync(own)) return merged([own]);
  // That of a pod's service account, or what the library makes up when it finds nothing.
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromDefault();
  return kubeconfig.getCurrentContext() === 'loaded-context' ? null : kubeconfig;
}

/**
 * Merges several files as kubectl does: missing files are skipped, and the first file that defines a name wins. The library itself fails
 * at a missing file and at a duplicate name, and takes the last current context.
 */
function merged(files: readonly string[]): KubeConfig | null {
  if (files.length === 0) return null;
  const all = files.map(load);
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromOptions({
    clusters: firstOfEach(all.flatMap((one) => one.getClusters() ?? [])),
    users: firstOfEach(all.flatMap((one) => one.getUsers() ?? [])),
    contexts: firstOfEach(all.flatMap((one) => one.getContexts() ?? [])),
    currentContext: all.map((one) => one.getCurrentContext()).find((name) => name) ?? '',
  });
  return kubeconfig;
}

function firstOfEach<Named extends { readonly name: string }>(list: readonly Named[]): Named[] {
  return list.filter(({ name }, i) => list.findIndex((other) => other.name === name) === i);
}

function load(file: string): KubeConfig {
  const kubeconfig = new KubeConfig();
  try {
    // An empty file is valid, but the library does not accept one.
    if (fs.readFileSync(file, 'utf8').trim() === '')
      kubeconfig.loadFromOptions({ clusters: [], users: [], contexts: [] });
    else kubeconfig.loadFromFile(file);
  } catch (error) {
    throw stop(
      `The kubeconfig ${file} cannot be read: ${(error as Error).message}. kubectl config view --kubeconfig ${file} shows what is wrong with it`,
    );
  }
  return kubeconfig;
}

/** The kubeconfig with this context as the current one; an empty name keeps its own. Throws when there is no kubeconfig or no such context. */
export function loadKubeconfig(context: string): KubeConfig {
  const kubeconfig = findKubeconfig();
  if (kubeconfig === null) {
    const named = process.env.KUBECONFIG;
    const where = named
      ? `KUBECONFIG names ${named}, which does not exist`
      : 'KUBECONFIG is not set, and there is no ~/.kube/config';
    throw stop(`There is no kubeconfig: ${where}. npm run demo makes a cluster on this machine`);
  }
  const known = kubeconfig.getContexts().map(({ name }) => name);
  const names = known.join(', ') || 'none';
  if (context !== '') {
    if (!known.includes(context))
      throw stop(
        `The kubeconfig has no context "${context}", only: ${names}. Set another in each stack: pulumi config set context <name> -s <stack>`,
      );
    kubeconfig.setCurrentContext(context);
  } else if (kubeconfig.getCurrentCluster() === null)
    throw stop(
      `The kubeconfig has no current context, only: ${names}. Set one with: kubectl config use-context <name>`,
    );
  return kubeconfig;
}
