// The first file of the process that evaluates the program, in plain JavaScript, as the engine starts it: see components/preload.cjs.
const { Module } = require('node:module');

/**
 * What the libraries bring along and an evaluation never calls, as it has no state and no CLI: providers of dynamic resources as text (the
 * TypeScript compiler), the packages that such text names (npm's own resolver), and the automation of the CLI.
 */
const UNUSED = {
  '@pulumi/pulumi/runtime/closure/serializeClosure.js': {
    serializeFunction: async () => ({ text: '', containsSecrets: false }),
  },
  '@pulumi/pulumi/runtime/closure/codePaths.js': {},
  '@pulumi/pulumi/automation/index.js': {},
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
