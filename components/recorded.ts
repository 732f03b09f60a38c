import * as pulumi from '@pulumi/pulumi';

export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** For tests: the resources that `build` registers, as the engine would see them, without an engine. Generated passwords are `secret:<name>`. */
export async function recorded(build: () => void): Promise<Recorded[]> {
  const resources: Recorded[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      resources.push({ type, name, inputs });
      const generated = type.startsWith('random:') ? { result: `secret:${name}` } : {};
      return { id: `${name}-id`, state: { ...inputs, ...generated } };
    },
    call: ({ inputs }) => inputs,
  });
  await pulumi.runtime.runInPulumiStack(async () => build());
  await pulumi.runtime.disconnect();
  return resources;
}

/** The Kubernetes objects among them, as manifests, in order of registration. */
export function manifests(resources: readonly Recorded[]): Record<string, unknown>[] {
  return resources.filter(({ type }) => type.startsWith('kubernetes:')).map(({ inputs }) => inputs);
}
