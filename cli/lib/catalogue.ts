/**
 * Every error that a user can meet, in one place: its code, the cause and the next step. `{name}` is filled in when it happens.
 * 1xx the machine, 2xx the step was refused, 3xx the cluster was, 4xx the state, 5xx Pulumi's preview and up, 6xx teardown,
 * 7xx and 8xx the tools around it. 9xx, the rehearsal: catalogue-rehearsal.ts.
 */
export const EVOLUTION_ERRORS = {
  'EVO-101': {
    cause: 'No working Pulumi CLI was found: {problem}',
    next: 'npm ci (its package `pulumi` fetches the CLI on first use), or install it: https://www.pulumi.com/docs/install/. Where that download is blocked, get the archive from https://github.com/pulumi/pulumi/releases by another way and put it on the PATH',
  },
  'EVO-102': {
    cause: '{problem}. The passphrase encrypts the passwords in the state, and only you know it',
    next: "export PULUMI_CONFIG_PASSPHRASE='...' (the same one every time), then run the same command again",
  },
  'EVO-103': {
    cause: 'There is no phase {name}. The phases are {known}',
    next: 'npm run {command} -- {first}',
  },
  'EVO-104': {
    cause: 'This command asks a question, and there is no terminal to answer it in',
    next: '{command}',
  },
  'EVO-106': {
    cause: 'The passphrase is not the one of {stacks}',
    next: "export PULUMI_CONFIG_PASSPHRASE='...' (the one that you chose when you created them), then run the same command again",
  },
  'EVO-105': { cause: 'The answer of Pulumi cannot be read: {problem}', next: '{command}' },

  'EVO-201': {
    cause:
      '{target} is a step back: the cluster is at {at}. A cluster in service only grows: with fewer nodes or copies, a failure that it survives now would lose data',
    next: '{next}',
  },
  'EVO-202': {
    cause:
      '{target} skips {missing}: the cluster is at {at}. Each phase is a step that an audience can follow',
    next: 'npm run {command} -- {missing}, or, to skip on purpose: npm run {command} -- {target} --skip',
  },
  'EVO-203': {
    cause: '{at} is not finished: {problems}',
    next: 'npm run evolve -- {at} resumes it',
  },
  'EVO-204': {
    cause:
      'Namespace {namespace} has a CockroachDB cluster of {nodes} nodes that no stack of this project owns. Its state is on another machine, in another backend, or was removed',
    next: 'pulumi stack ls --all shows what this backend knows; set PULUMI_BACKEND_URL to the backend with the state',
  },
  'EVO-210': {
    cause:
      'Namespace {namespace} has a CockroachDB cluster of {nodes} nodes that was made by kubectl apply -k, and not by a stack. A stack cannot take it over: it would make certificates and passwords of its own, which the nodes and the app do not know, and all nodes would have to restart at once',
    next: 'kubectl apply --server-side -k k8s/{target} takes the step where the cluster was made; k8s/README.md says how to move to a stack. For a cluster beside it: pulumi config set databaseNamespace <another> -s {target}',
  },
  'EVO-205': {
    cause: 'Another step is in progress: {who}',
    next: 'Wait for it, or stop it there; then run the same command again',
  },
  'EVO-206': {
    cause:
      'Pulumi holds a lock for a process on another machine, so this machine cannot see whether it still runs: {who}',
    next: '{next}',
  },
  'EVO-207': {
    cause: '{target} is configured for namespace {wanted}, but {owner} owns the cluster in namespace {has}',
    next: 'pulumi config set databaseNamespace {has} -s {target}',
  },
  'EVO-208': {
    cause: 'The settings of {stack} (Pulumi.{stack}.yaml) cannot work:\n{problems}',
    next: 'Fix each with the command beside it, then run the same command again',
  },

  'EVO-209': {
    cause:
      'Stack {stack} owns the CockroachDB cluster in namespace {namespace}, but is not a phase: the stack of a phase is named phase<number>',
    next: 'If it was renamed, rename it back: pulumi stack rename {phase} -s {stack}; then run the same command again',
  },

  'EVO-301': {
    cause: 'The cluster is not healthy, and a step could make it worse: {problems}',
    next: 'npm run check -- {at} shows each part; when it is green, run the same command again',
  },
  'EVO-302': {
    cause: 'The Kubernetes cluster or the database does not answer: {problem}',
    next: 'npm run doctor',
  },
  'EVO-303': {
    cause:
      'The backup destination {destination} cannot be used: {problem}. Each step begins with a backup there',
    next: 'pulumi config set backupDestination <nodelocal://, s3:// or gs:// address> -s {target}, then run the same command again',
  },
  'EVO-304': {
    cause:
      'The backup destination {destination} does not list {path}, the last backup that this project took there. It was emptied, or the setting points elsewhere',
    next: 'npm run backup takes a new one; then run the same command again',
  },

  'EVO-401': { cause: 'The hand-over from {from} to {to} failed: {problem}', next: '{command}' },
  'EVO-402': {
    cause: 'The state of stack {stack} cannot be read: {problem}',
    next: 'pulumi stack export -s {stack}',
  },
  'EVO-403': {
    cause: 'The state of stack {stack} could not be repaired: {problem}',
    next: 'pulumi stack export -s {stack} shows it. Nothing in the cluster was changed; a copy of the state before is {copy}',
  },

  'EVO-501': {
    cause: 'The preview failed: {problem}',
    next: '{next}',
  },
  'EVO-502': {
    cause:
      'The preview replaces or deletes resources that hold data or that clients depend on: {resources}. {state}',
    next: 'Undo the change of the settings, then: {command}. For a certificate that expires, see docs/runbooks/certificates.md. If the change is intended, apply it by hand and check the preview first: pulumi up -s {stack}',
  },
  'EVO-503': {
    cause: 'The step stopped: {problem}',
    next: '{command} resumes it. The output of Pulumi: {log}',
  },
  'EVO-504': { cause: 'Cancelled. Nothing in the cluster was changed', next: '{next}' },
  'EVO-505': { cause: 'Interrupted. {state}', next: '{command}' },
  'EVO-506': {
    cause: 'The step is done, but the witness reports harm: {problems}',
    next: 'Look at {report}',
  },

  'EVO-601': { cause: 'No stack of this project owns any resource', next: 'npm run status' },
  'EVO-602': {
    cause: '"{typed}" is not the name of the cluster. Nothing was changed',
    next: 'Run npm run teardown again; the name is {name}',
  },
  'EVO-603': {
    cause:
      'The backups at {destination} are on the disks of the database, which a teardown deletes, and could not be copied: {problem}. Nothing was changed',
    next: 'Fix that and run npm run teardown again, or delete the backups too: npm run teardown -- --without-backups',
  },
  'EVO-604': {
    cause: 'The teardown stopped: {problem}',
    next: 'npm run teardown resumes it. The output of Pulumi: {log}',
  },

  'EVO-701': {
    cause: 'No stack of this project owns a cluster yet',
    next: 'npm run demo creates one on a laptop; npm run evolve -- phase0 creates one on the cluster of the settings',
  },
  'EVO-702': {
    cause: 'There is no CockroachDB cluster in namespace {namespace}',
    next: 'npm run demo creates one on a laptop; npm run evolve -- phase0 creates one on the cluster of the settings',
  },
  'EVO-703': { cause: 'The setting {key} of {stack} cannot be read: {problem}', next: '{command}' },
  'EVO-704': { cause: 'Cancelled. Nothing was changed', next: '{command}' },
  'EVO-705': {
    cause: '{file} cannot be read{where}: {problem}',
    next: 'Fix {file}, then run the same command again',
  },
  'EVO-706': {
    cause: '{file} cannot be written: {problem}',
    next: 'npm run {command} -- --out <a writable folder>',
  },

  'EVO-711': {
    cause: 'There is nothing to back up: the database has no tables yet',
    next: 'npm run check',
  },
  'EVO-712': { cause: 'No backup was taken. {problem}', next: '{next}' },

  'EVO-721': { cause: 'There is no backup in {destination}', next: 'npm run backup' },
  'EVO-722': {
    cause: 'There is no backup {path} in {destination}. The newest is {newest}',
    next: 'npm run restore-check -- --path {newest}',
  },
  'EVO-723': {
    cause: 'The backup {path} could not be restored: {problem}',
    next: 'Do not rely on it: npm run backup takes another, and npm run restore-check tries that one',
  },
  'EVO-724': {
    cause: 'The database {name}, which this check created, may still exist: {problem}',
    next: '{command}',
  },
  'EVO-725': {
    cause: 'The restored data differs from the backup {path}: {problems}',
    next: 'Do not rely on it: npm run backup takes another, and npm run restore-check tries that one',
  },

  'EVO-731': {
    cause:
      'A drill ({kind}) takes a node away, but this cluster has {nodes} and {voters} of some range: it would be an outage, not an exercise',
    next: '{next}',
  },
  'EVO-732': {
    cause: 'The cluster is degraded, and a drill would take away one more part: {problems}',
    next: 'npm run check shows each part; when it is green, run the same command again',
  },
  'EVO-733': {
    cause: 'The drill could not restore {pod}: {problem}',
    next: '{command}',
  },
  'EVO-734': {
    cause: 'The app ({pod}) restarted during the drill and lost its measurements',
    next: 'npm run check; then run the same command again',
  },
  'EVO-735': {
    cause: 'The drill is done, but the witness reports harm: {problems}',
    next: 'Look at {report}',
  },
  'EVO-736': {
    cause: 'There is no pod {pod}. The pods are {pods}',
    next: 'npm run drill -- {kind} --pod {last}',
  },
  'EVO-737': {
    cause: 'An outage on purpose is for a cluster of one node, but this one has {nodes}',
    next: '{next}',
  },

  'EVO-801': { cause: 'This command needs {tool}, which cannot be run: {problem}', next: '{next}' },
  'EVO-802': {
    cause: 'The cluster is already at {owner}, and the demo starts at phase0',
    next: 'npm run status; then npm run evolve -- <the next phase>',
  },
  'EVO-803': {
    cause:
      'The context {context} is not a kind cluster, so an image of this machine cannot be loaded into it',
    next: 'Push the image to a registry that the cluster can pull from, and name it: npm run demo -- --context {context} --image <registry>/sample-app:0.1.0',
  },
  'EVO-804': {
    cause: '{command} ended with {problem}',
    next: 'Fix the problem that it reports above, then: {again}',
  },
  'EVO-805': {
    cause: '{namespaces} of context {context} is being deleted, and accepts nothing new until then',
    next: 'kubectl --context {context} wait --for=delete {resources} --timeout=10m, then: {again}',
  },

  'EVO-811': {
    cause: '{file} is not a recording that can be played: {problem}',
    next: 'Record one from the running app: curl -N http://localhost:8080/recording > talk.ndjson',
  },

  'EVO-821': {
    cause: 'Port {port} of this machine is not available for {what}: {problem}',
    next: 'End that program, or choose another port: npm run stage -- {flag} {other}',
  },
  'EVO-822': {
    cause: 'The stage cannot be set up, because {what} does not answer: {problem}',
    next: 'npm run check shows each part; when it is green, run the same command again',
  },
} as const satisfies Record<string, { cause: string; next: string }>;
