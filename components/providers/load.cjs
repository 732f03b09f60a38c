// What the engine's host for dynamic providers loads, in plain JavaScript and the libraries first, for the reason in ../preload.cjs. This
// file keeps its place: states name it (see imported.ts).
for (const library of ['@kubernetes/client-node', 'pg', 'yaml', 'zod']) require(library);
require('tsx/cjs');
exports.PROVIDERS = require('./all.ts').PROVIDERS;
