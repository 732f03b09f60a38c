import type * as pulumi from '@pulumi/pulumi';
import type { PROVIDERS } from './all.ts';

/**
 * A dynamic provider that loads its code when it is called. Pulumi keeps a provider in the state as the text of its functions and of all
 * that they refer to, twice per resource. These functions refer to names only, so the text stays small, the program needs no time to make
 * it, and none of the code is loaded for it.
 */
export function imported(name: keyof typeof PROVIDERS): pulumi.dynamic.ResourceProvider {
  const file = source();
  // `require` is that of the engine's host for dynamic providers, which runs in the folder of Pulumi.yaml.
  const load = () => require(file).PROVIDERS[name];
  return {
    check: async (olds, news) => load().check(olds, news),
    diff: async (id, olds, news) => load().diff(id, olds, news),
    create: async (inputs) => load().create(inputs),
    update: async (id, olds, news) => load().update(id, olds, news),
  };
}

/** The file with the providers, as the host finds it: in this repository, or in the installed package. */
function source(): string {
  return __filename.endsWith('.ts')
    ? './components/providers/load.cjs'
    : 'cockroachdb-live-evolution/dist/components/providers/all.js';
}
