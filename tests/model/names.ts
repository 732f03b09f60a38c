import type { Resource } from './backend.ts';

export const PROVIDER = 'pulumi:providers:kubernetes';
export const ROOT = 'pulumi:pulumi:Stack';

/** The stack's own entry. */
export const rootOf = (stack: string, project: string): Resource => ({
  urn: `urn:pulumi:${stack}::${project}::${ROOT}::${project}-${stack}`,
  type: ROOT,
});

export const kindOf = (type: string) => type.split(':').at(-1) ?? type;
