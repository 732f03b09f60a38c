/** The names of the objects in `k8s/` that the program does not make. */
export const EVOLUTION = 'evolution';

/** The Job of a phase, and the ConfigMap with its plan. */
export const jobName = (phase: string) => `${EVOLUTION}-${phase}`;
/** The ConfigMap that all phases share. */
export const SHARED = `${EVOLUTION}-shared`;
/** The Secret with the key of the CA. Only the Job may read it. */
export const CA_SECRET = `${EVOLUTION}-ca`;
/** The Secret with values that the Job cannot generate: see `SETTING_KEYS`. A demo does not need it. */
export const SETTINGS_SECRET = `${EVOLUTION}-settings`;

/** The keys of `SETTINGS_SECRET`. */
export const SETTING_KEYS = {
  destination: 'backup-destination',
  passphrase: 'backup-passphrase',
  licence: 'licence',
} as const;

/** Where the Job's pod finds its files. */
export const FILES = { plan: '/plan', settings: '/settings' } as const;

/** The files of a plan beside its SQL. */
export const PLAN_FILES = {
  /** What the step is: `Plan`. */
  plan: 'plan.yaml',
  /** The CrdbCluster, as it is applied. */
  cluster: 'cluster.yaml',
  /** The Secret with the app's addresses, which a step may change. */
  credentials: 'credentials.yaml',
  /** The other objects. They never change once they exist. */
  objects: 'objects.yaml',
  /** How to generate the values that appear as `<name>` in these objects: `Recipes`. */
  recipes: 'recipes.yaml',
} as const;

/** The Job's field manager for server-side apply. */
export const FIELD_MANAGER = EVOLUTION;

/** Exit codes of the Job's container. A refusal fails the Job at once; any other failure is retried. */
export const EXIT = { done: 0, again: 1, refused: 3 } as const;
