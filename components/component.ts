import * as pulumi from '@pulumi/pulumi';

/**
 * What all components here have in common: their arguments are recorded as inputs, and each child waits for what the component waits
 * for, which Pulumi does not see to by itself.
 */
export abstract class Component<Args extends object = object> extends pulumi.ComponentResource {
  /** Options for each child. */
  protected readonly childOptions: { readonly parent: pulumi.Resource } & Required<
    Pick<pulumi.ResourceOptions, 'dependsOn'>
  >;

  /**
   * `type` is the part of the type token after `evolution:index:`. It never changes: the state holds it. `secrets` are the arguments that
   * must not show as plain text, also when the caller passes a plain value.
   */
  constructor(
    type: string,
    name: string,
    args: Args,
    opts: pulumi.ComponentResourceOptions = {},
    secrets: readonly (keyof Args)[] = [],
  ) {
    const hidden = secrets.flatMap((key) =>
      args[key] === undefined ? [] : [[key, pulumi.secret(args[key])]],
    );
    super(`evolution:index:${type}`, name, { ...args, ...Object.fromEntries(hidden) }, opts);
    this.childOptions = { parent: this, dependsOn: opts.dependsOn ?? [] };
  }
}
