// The first file of the process that evaluates the program, in plain JavaScript: what is loaded here is loaded by Node alone. tsx, which
// comes last, reads every file through its own parsers, libraries too, and that takes longer than all the rest.
const { Module } = require('node:module');

/**
 * What the libraries bring along and an evaluation never calls, as it has no state, no CLI and no cluster: providers of dynamic resources
 * as text (the TypeScript compiler), the packages that such text names (npm's own resolver), the automation of the CLI, and the clients
 * of Kubernetes and the database that the providers work with.
 */
const UNUSED = {
  '@pulumi/pulumi/runtime/closure/serializeClosure.js': {
    serializeFunction: async () => ({ text: '', containsSecrets: false }),
  },
  '@pulumi/pulumi/runtime/closure/codePaths.js': {},
  '@pulumi/pulumi/automation/index.js': {},
  '@kubernetes/client-node': {},
  pg: {},
};

for (const [name, exports] of Object.entries(UNUSED)) {
  const id = require.resolve(name);
  const stub = new Module(id);
  stub.exports = exports;
  stub.loaded = true;
  require.cache[id] = stub;
}
for (const library of [
  '@pulumi/pulumi',
  '@pulumi/kubernetes',
  '@pulumi/random',
  '@pulumi/tls',
  'zod',
  'yaml',
])
  require(library);
require('tsx/cjs');
require('./child.ts');
