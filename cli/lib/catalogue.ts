/**
 * Every error that a user can meet, in one place: its code, the cause and the next step. `{name}` is filled in when it happens.
 * 1xx the machine, 2xx the step was refused, 3xx the cluster was, 4xx the state, 5xx Pulumi's preview and up, 6xx teardown,
 * 7xx and 8xx the tools around it. 9xx, the rehearsal: catalogue-rehearsal.ts.
 */
export const EVOLUTION_ERRORS = {
  'EVO-101': {
    cause: 'There is no Pulumi CLI that works: {problem}',
    next: 'npm ci (its package `pulumi` fetches the CLI on first use), or install it: https://www.pulumi.com/docs/install/. Where that download is blocked, put the archive of https://github.com/pulumi/pulumi/releases, by whatever way it gets here, on the PATH',
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
    cause: 'This asks a question, and there is no terminal to answer it in',
    next: '{command}',
  },
  'EVO-106': {
    cause: 'The passphrase is another one than that of {stacks}',
    next: "export PULUMI_CONFIG_PASSPHRASE='...' (the one that you chose when you made them), then run the same command again",
  },
  'EVO-105': { cause: 'Pulumi answered something that cannot be read: {problem}', next: '{command}' },

  'EVO-201': {
    cause:
      '{target} is a step back: the cluster is at {at}. A cluster that serves only grows, because with fewer nodes or copies a failure that was survived until now loses data',
    next: '{next}',
  },
  'EVO-202': {
    cause:
      '{target} skips {missing}: the cluster is at {at}. Each phase is a step that an audience can follow',
    next: 'npm run {command} -- {missing}, or with the skip meant: npm run {command} -- {target} --skip',
  },
  'EVO-203': {
    cause: '{at} is not finished: {problems}',
    next: 'npm run evolve -- {at}, which goes on from where it is',
  },
  'EVO-204': {
    cause:
      'Namespace {namespace} holds a CockroachDB cluster of {nodes} nodes, and no stack of this project owns it. Its state is on another machine or in another backend, or was removed',
    next: 'pulumi stack ls --all shows what this backend knows; set PULUMI_BACKEND_URL to the one that holds the state',
  },
  'EVO-205': {
    cause: 'Another step is in progress: {who}',
    next: 'Let it end, or end it there; then run the same command again',
  },
  'EVO-206': {
    cause:
      'Pulumi keeps a lock, and whether its process runs cannot be seen from here, because that is another machine: {who}',
    next: '{next}',
  },
  'EVO-207': {
    cause: '{target} is set for namespace {wanted}, and {owner} owns the cluster in namespace {has}',
    next: 'pulumi config set databaseNamespace {has} -s {target}',
  },
  'EVO-208': {
    cause: 'The settings of {stack} (Pulumi.{stack}.yaml) cannot work:\n{problems}',
    next: 'Put each right with the command beside it, then run the same command again',
  },

  'EVO-209': {
    cause:
      'Stack {stack} owns the CockroachDB cluster in namespace {namespace}, and is no phase: a phase is a stack of the name phase<number>',
    next: 'If it was renamed, give it its name back: pulumi stack rename {phase} -s {stack}; then run the same command again',
  },

  'EVO-301': {
    cause: 'The cluster is not healthy, and a step would make it worse: {problems}',
    next: 'npm run check -- {at} shows each part; when it is green, run the same command again',
  },
  'EVO-302': {
    cause: 'The Kubernetes cluster or the database does not answer: {problem}',
    next: 'npm run doctor',
  },
  'EVO-303': {
    cause:
      'The backup destination {destination} cannot be used: {problem}. Before each step a backup is taken there',
    next: 'pulumi config set backupDestination <nodelocal://, s3:// or gs:// address> -s {target}, then run the same command again',
  },
  'EVO-304': {
    cause:
      'The backup destination {destination} is stale: it does not list {path}, the last backup that this project took there. It was emptied or points elsewhere',
    next: 'npm run backup takes one there now; then run the same command again',
  },

  'EVO-401': { cause: 'The hand-over from {from} to {to} failed: {problem}', next: '{command}' },
  'EVO-402': {
    cause: 'The state of stack {stack} cannot be read: {problem}',
    next: 'pulumi stack export -s {stack}',
  },
  'EVO-403': {
    cause: 'The state of stack {stack} could not be put right: {problem}',
    next: 'pulumi stack export -s {stack} shows it. Nothing in the cluster was changed; its copy from before is {copy}',
  },

  'EVO-501': {
    cause: 'The preview failed: {problem}',
    next: '{next}',
  },
  'EVO-502': {
    cause: 'The preview replaces or deletes what holds data or what clients hold on to: {resources}. {state}',
    next: 'Take the change of the settings back, and go on with: {command}. If it is a certificate that ends, see docs/runbooks/certificates.md. If it is meant, do it by hand and look twice: pulumi up -s {stack}',
  },
  'EVO-503': {
    cause: 'The step stopped: {problem}',
    next: '{command} goes on from where it is. Pulumi wrote: {log}',
  },
  'EVO-504': { cause: 'You said no. Nothing in the cluster was changed', next: '{next}' },
  'EVO-505': { cause: 'Interrupted. {state}', next: '{command}' },
  'EVO-506': {
    cause: 'The step is done, but the witness says that it was not without harm: {problems}',
    next: 'Look at {report}',
  },

  'EVO-601': { cause: 'No stack of this project owns anything', next: 'npm run status' },
  'EVO-602': {
    cause: '"{typed}" is not the name of the cluster. Nothing was changed',
    next: 'npm run teardown asks again; the name is {name}',
  },
  'EVO-603': {
    cause:
      'The backups at {destination} lie on the disks of the database, which a teardown deletes, and could not be copied: {problem}. Nothing was changed',
    next: 'Put that right and run npm run teardown again, or give them up: npm run teardown -- --without-backups',
  },
  'EVO-604': {
    cause: 'The teardown stopped: {problem}',
    next: 'npm run teardown goes on from where it is. Pulumi wrote: {log}',
  },

  'EVO-701': {
    cause: 'No stack of this project owns a cluster yet',
    next: 'npm run demo makes one on a laptop; npm run evolve -- phase0 makes one where the settings say',
  },
  'EVO-702': {
    cause: 'There is no CockroachDB cluster in namespace {namespace}',
    next: 'npm run demo makes one on a laptop; npm run evolve -- phase0 makes one where the settings say',
  },
  'EVO-703': { cause: 'The setting {key} of {stack} cannot be read: {problem}', next: '{command}' },
  'EVO-704': { cause: 'You said no. Nothing was changed', next: '{command}' },
  'EVO-705': {
    cause: '{file} cannot be read{where}: {problem}',
    next: 'Put {file} right, then run the same command again',
  },
  'EVO-706': {
    cause: '{file} cannot be written: {problem}',
    next: 'npm run {command} -- --out <a folder that you may write to>',
  },

  'EVO-711': {
    cause: 'There is nothing to back up: the database has no table yet',
    next: 'npm run check',
  },
  'EVO-712': { cause: 'There is no backup of now. {problem}', next: '{next}' },

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
    cause: 'The database {name}, which this check made, may still be there: {problem}',
    next: '{command}',
  },
  'EVO-725': {
    cause: 'What was restored from {path} is not what the backup says: {problems}',
    next: 'Do not rely on it: npm run backup takes another, and npm run restore-check tries that one',
  },

  'EVO-731': {
    cause:
      'A drill ({kind}) takes a node away, and this cluster has {nodes} and {voters} of some range: it would be an outage, not an exercise',
    next: '{next}',
  },
  'EVO-732': {
    cause: 'The cluster is not whole, and a drill would take one more part away: {problems}',
    next: 'npm run check shows each part; when it is green, run the same command again',
  },
  'EVO-733': {
    cause: 'The drill could not give {pod} back: {problem}',
    next: '{command}',
  },
  'EVO-734': {
    cause:
      'The app ({pod}) does not know of the drill any more: it was restarted meanwhile, and its figures with it',
    next: 'npm run check; then run the same command again',
  },
  'EVO-735': {
    cause: 'The drill is over, but the witness says that it was not without harm: {problems}',
    next: 'Look at {report}',
  },
  'EVO-736': {
    cause: 'There is no pod {pod} to drill with. There are {pods}',
    next: 'npm run drill -- {kind} --pod {last}',
  },
  'EVO-737': {
    cause: 'An outage on purpose is for a cluster of one node, and this one has {nodes}',
    next: '{next}',
  },

  'EVO-801': { cause: '{tool} is needed for this, and cannot be run: {problem}', next: '{next}' },
  'EVO-802': {
    cause: 'The cluster is at {owner} already: the demo starts at phase0',
    next: 'npm run status; then npm run evolve -- <the next phase>',
  },
  'EVO-803': {
    cause: 'The context {context} is no kind cluster, so an image of this machine cannot be loaded into it',
    next: 'Push the image to a registry that the cluster pulls from, and name it: npm run demo -- --context {context} --image <registry>/sample-app:0.1.0',
  },
  'EVO-804': { cause: '{command} ended with {problem}', next: 'Fix what it says above, then: {again}' },
  'EVO-805': {
    cause: '{namespaces} of context {context} is being deleted, and takes nothing new until it is gone',
    next: 'kubectl --context {context} wait --for=delete {resources} --timeout=10m, then: {again}',
  },

  'EVO-811': {
    cause: '{file} is no recording that can be played: {problem}',
    next: 'Record one: curl -N http://localhost:8080/recording > talk.ndjson, against the running app',
  },

  'EVO-821': {
    cause: 'Port {port} of this machine cannot be had for {what}: {problem}',
    next: 'End that program, or take another port: npm run stage -- {flag} {other}',
  },
  'EVO-822': {
    cause: 'The stage cannot be set, because {what} does not answer: {problem}',
    next: 'npm run check shows each part; when it is green, run the same command again',
  },
} as const satisfies Record<string, { cause: string; next: string }>;
