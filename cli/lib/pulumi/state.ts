/** Pure reading of what `pulumi stack export` says. */

/** The parts of a resource's state that decide who owns it and how far it is. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Why it was made and is not ready: what its provider gave up waiting for. */
  readonly initErrors?: readonly string[];
  /** ISO 8601, of its last change. */
  readonly modified?: string;
}

/** What an update that was killed had begun. */
export interface PendingOperation {
  /** `creating`, `updating`, `deleting`, ... */
  readonly type: string;
  readonly resource: ResourceState;
}

export interface StackState {
  readonly stack: string;
  readonly resources: readonly ResourceState[];
  readonly pending: readonly PendingOperation[];
}

interface Export {
  readonly deployment?: {
    readonly resources?: readonly ResourceState[] | null;
    readonly pending_operations?: readonly PendingOperation[] | null;
  };
}

/** Throws when the text is no export. */
export function parseExport(stack: string, text: string): StackState {
  const { deployment } = JSON.parse(text) as Export;
  return {
    stack,
    resources: deployment?.resources ?? [],
    pending: deployment?.pending_operations ?? [],
  };
}

/** The type of the stack's own entry. */
export const ROOT = 'pulumi:pulumi:Stack';

/** Whether a hand-over moves it: all but the stack itself and the providers, which Pulumi copies. */
export const isMovable = ({ type }: Pick<ResourceState, 'type'>) =>
  type !== ROOT && !type.startsWith('pulumi:providers:');

export const movable = ({ resources }: StackState) => resources.filter(isMovable);

/** The URN without the stack's name: the same resource in every stack. */
export const keyOf = (urn: string) => urn.split('::').slice(1).join('::');

export const nameOf = (urn: string) => urn.split('::').slice(3).join('::');

/** The one resource of a dynamic type of this project, e.g. `Guard`. */
export function find(states: readonly StackState[], kind: string): ResourceState | undefined {
  return states
    .flatMap(({ resources }) => resources)
    .find(({ type }) => type === `pulumi-nodejs:dynamic/evolution:${kind}`);
}

/** A number among a resource's inputs. */
export function numberOf(resource: ResourceState | undefined, key: string): number | undefined {
  const value = resource?.inputs?.[key];
  return typeof value === 'number' ? value : undefined;
}
