/** Errors of the rehearsal and the programs that it runs, 9xx: see catalogue.ts. */
export const REHEARSAL_ERRORS = {
  'EVO-901': { cause: 'The embedded PostgreSQL cannot run on this machine: {problem}', next: '{next}' },
  'EVO-902': { cause: 'PostgreSQL cannot run as this user: {problem}', next: '{next}' },
  'EVO-903': {
    cause: 'PostgreSQL: {problem}',
    next: 'Run the same command again. If it fails again, the lines above are from the log of PostgreSQL',
  },

  'EVO-911': {
    cause: 'CockroachDB cannot be used for the rehearsal: {problem}',
    next: 'Download it from https://www.cockroachlabs.com/docs/releases and put it on PATH, or name it: COCKROACH=<file> npm run rehearse -- --database cockroach. Without --database, the rehearsal runs on an embedded PostgreSQL',
  },
  'EVO-912': {
    cause: '--kill-node chooses among the nodes of CockroachDB, and the rehearsal runs on PostgreSQL',
    next: 'npm run rehearse -- --database cockroach --kill-node {node}',
  },
  'EVO-913': {
    cause: 'cockroach {command} failed: {problem}',
    next: 'Run the same command again. If it fails again, read the logs that the rehearsal kept',
  },
  'EVO-914': { cause: 'Node {name} of CockroachDB ended unexpectedly ({how}).\n{log}', next: '{next}' },
  'EVO-915': {
    cause: 'Node {name} of CockroachDB accepts no SQL after {seconds} s',
    next: 'Read {log}, then run the same command again',
  },

  'EVO-921': {
    cause: 'The app ended unexpectedly ({how}).\n{log}',
    next: 'Run the same command again. If it ends again, its log lines above say why',
  },
  'EVO-922': {
    cause: 'The app does not work as the rehearsal needs it: {problem}',
    next: 'Read app.log among the logs that the rehearsal kept, then run the same command again',
  },

  'EVO-931': {
    cause: 'The database failed: {problem}',
    next: 'Read the logs that the rehearsal kept, then run the same command again',
  },
  'EVO-932': {
    cause: 'The rights of {user} are not as its script grants them: {problem}',
    next: 'git diff sql/ shows whether a script was changed',
  },

  'EVO-941': { cause: 'The page could not be built: {problem}', next: '{next}' },
  'EVO-942': {
    cause: 'Ports {first} to {last} of this machine are all in use',
    next: 'Choose another one with --port',
  },
  'EVO-943': {
    cause: 'There are not enough free ports on {host}: {problem}',
    next: 'End programs that listen on this machine, then run the same command again',
  },
  'EVO-944': { cause: '{file} cannot be written: {problem}', next: 'Choose another file with {option}' },
  'EVO-945': {
    cause: 'There is no keyboard here, so the rehearsal cannot continue',
    next: 'npm run rehearse -- --auto',
  },
  'EVO-946': {
    cause: 'What the phases change cannot be computed from the program:\n{problem}',
    next: 'Fix the error in the program, then run the same command again',
  },
} as const satisfies Record<string, { cause: string; next: string }>;
