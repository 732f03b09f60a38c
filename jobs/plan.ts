import { z } from 'zod';

const count = z.int().min(1);
const password = z.strictObject({ name: z.string(), length: count });

/** Where the cluster must be before the step. */
const position = z.strictObject({
  phase: z.string(),
  nodes: count,
  replicationFactor: count,
  reader: z.boolean(),
});

/** The content of `plan.yaml`: what the Job of a phase does. */
export const PLAN = z.strictObject({
  /** Name of the phase, e.g. `phase1`. */
  phase: z.string(),
  /** Namespace of the database. */
  namespace: z.string(),
  /** The previous phase; null for the first phase, which starts from nothing. */
  previous: position.nullable(),
  /** The other phases. Their ended Jobs are deleted when this one is done. */
  others: z.array(z.string()),
  replicationFactor: count,
  backup: z.strictObject({
    /** Address of the backup collection; null if it contains keys and is therefore in the Secret `evolution-settings`. */
    destination: z.string().nullable(),
    /** Whether the Secret must hold a passphrase. */
    encrypted: z.boolean(),
  }),
  /** Not null if the Secret must contain a licence key; with the organization that the key names, or an empty string. */
  licence: z.strictObject({ organization: z.string() }).nullable(),
  /** Files with statements, in the order in which they are run. */
  sql: z.strictObject({ replication: z.string(), bootstrap: z.array(z.string()) }),
  /** Users that log in with a password, in the order in which they are made. */
  users: z.array(z.strictObject({ name: z.string(), password, sql: z.string().nullable() })),
});

export type Plan = z.infer<typeof PLAN>;
export type Position = z.infer<typeof position>;

const certificate = z.strictObject({
  name: z.string(),
  key: z.string(),
  /** Name of the signing certificate; null for the self-signed CA. */
  signedBy: z.string().nullable(),
  subject: z.strictObject({ commonName: z.string(), organization: z.string() }),
  hours: count,
  usages: z.array(z.string()),
  dnsNames: z.array(z.string()),
  ipAddresses: z.array(z.string()),
});

/** How to generate the values that appear as `<name>` in the objects. */
export const RECIPES = z.strictObject({
  passwords: z.array(password),
  certificates: z.array(certificate),
});

export type Recipes = z.infer<typeof RECIPES>;

/** The names of the values that the recipes generate. */
export function generatedNames({ passwords, certificates }: Recipes): string[] {
  return [...passwords.map(({ name }) => name), ...certificates.flatMap(({ name, key }) => [name, key])];
}

export type CertificateRecipe = z.infer<typeof certificate>;
export type PasswordRecipe = z.infer<typeof password>;
