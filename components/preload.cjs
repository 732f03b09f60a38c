// Loaded before the Pulumi program (Pulumi.yaml), in plain JavaScript. tsx reads every file through its own parsers, libraries too, and that
// takes longer than the program: so the libraries are loaded by Node.js alone, and tsx after them. Both wait for the program's first file,
// because Pulumi reads its settings when it is loaded, and sets them only after this file.
require.extensions['.ts'] = (module, file) => {
  const libraries = ['@pulumi/pulumi', '@pulumi/kubernetes', '@pulumi/random', '@pulumi/tls', 'zod', 'yaml'];
  for (const library of libraries) require(library);
  require('tsx/cjs');
  require.extensions['.ts'](module, file);
};
