// The first file of the process that evaluates the program, in plain JavaScript, as the engine starts it: see components/preload.cjs.
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
// The libraries of the program, and then tsx.
require('../../../components/preload.cjs');
require('./child.ts');
