import * as pulumi from '@pulumi/pulumi';

export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** For tests: the resources that `build` registers, without components, as the engine would get them. Generated passwords are `secret:<name>`. */
export async function recorded(build: () => void): Promise<Recorded[]> {
  const resources: Recorded[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, custom }) => {
      if (custom) resources.push({ type, name, inputs });
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

/** Pulumi keeps a secret in an envelope with this key. */
const ENVELOPE = '4dabf18193072939515e22adb298388d';

/** Whether Pulumi treats the value as a secret. */
export function isSecret(value: unknown): boolean {
  return value !== null && typeof value === 'object' && ENVELOPE in value;
}

/** A copy with the secrets in plain text, as a provider gets them. */
export function inPlainText<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, part) => (isSecret(part) ? part.value : part));
}
