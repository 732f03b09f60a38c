/** A value as the engine gets it: JSON, with digests in place of secrets, and with values that only a real run knows marked as unknown. */
export type Value = null | boolean | number | string | Value[] | Secret | Unknown | { [key: string]: Value };

/** A secret, without its text. Two with the same digest are equal. */
export interface Secret {
  readonly secret: true;
  /** Short hash of the content, with the name of each generated password and key in place of its value. */
  readonly digest: string;
  /** What it is made of: `<name>` for each part that is generated. Holds no secret. */
  readonly shape: Value;
}

/** An output that no provider has answered yet, as in a preview. */
export interface Unknown {
  readonly unknown: true;
}

/** One resource that the program registers. */
export interface Resource {
  /** Its URN without the stack and project: types of its parents and its own, and its name. The same in every stack. */
  readonly urn: string;
  /** For example `kubernetes:core/v1:Service`. */
  readonly type: string;
  readonly name: string;
  /** Names from the outermost component down to the resource itself. */
  readonly path: readonly string[];
  /** false for a component of this program. */
  readonly custom: boolean;
  readonly inputs: { readonly [key: string]: Value };
  /** URNs of what must be there before it. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly aliases: readonly string[];
  readonly ignoreChanges: readonly string[];
  /** Name of its explicit provider; undefined for the default one. */
  readonly provider: string | undefined;
}

/** What the program makes for one stack. */
export interface Evaluation {
  readonly stack: string;
  /** In the order in which `pulumi up` makes them. */
  readonly resources: readonly Resource[];
  readonly outputs: { readonly [key: string]: Value };
}

export function isSecret(value: Value | undefined): value is Secret {
  return isObject(value) && value.secret === true && 'digest' in value;
}

export function isUnknown(value: Value | undefined): value is Unknown {
  return isObject(value) && value.unknown === true && Object.keys(value).length === 1;
}

export function isObject(value: Value | undefined): value is { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
