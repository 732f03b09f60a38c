/** The names of what `kubectl apply -k k8s/<phase>` has beside what the program makes. */
export const EVOLUTION = 'evolution';

/** The Job of a phase, and the ConfigMap with its plan. */
export const jobName = (phase: string) => `${EVOLUTION}-${phase}`;
/** The ConfigMap with what all phases share. */
export const SHARED = `${EVOLUTION}-shared`;
/** The Secret with the key of the CA. Only the Job may read it. */
export const CA_SECRET = `${EVOLUTION}-ca`;
/** The Secret with what the Job cannot make: see `SETTING_KEYS`. Nobody needs it for a demo. */
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
  /** What else is made, and stays as it is once it is there. */
  objects: 'objects.yaml',
  /** How the values are made that stand as `<name>` in these objects: `Recipes`. */
  recipes: 'recipes.yaml',
} as const;

/** Who the Job is for the API server: the owner of the fields that it applies. */
export const FIELD_MANAGER = EVOLUTION;

/** Exit codes of the Job's container. The Job of a refusal fails at once; anything else is tried again. */
export const EXIT = { done: 0, again: 1, refused: 3 } as const;
