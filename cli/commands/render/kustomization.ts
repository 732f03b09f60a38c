import { type File, heading } from './manifests.ts';
import { toYaml } from './yaml.ts';

/** A ConfigMap that kustomize makes of files of its folder. */
export interface ConfigMapOfFiles {
  readonly name: string;
  readonly namespace: string;
  readonly files: readonly File[];
}

/** The `kustomization.yaml` of a folder: what it consists of. */
export function kustomization(
  about: readonly string[],
  resources: readonly string[],
  configMap: ConfigMapOfFiles,
  labels: Record<string, string>,
): File {
  const { name, namespace, files } = configMap;
  const content = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources,
    configMapGenerator: [
      {
        name,
        namespace,
        files: files.map((file) => file.name),
        // The Job's pods are not to change with what is in it: they name it by this name.
        options: { disableNameSuffixHash: true, labels },
      },
    ],
  };
  return { name: 'kustomization.yaml', text: `${heading(...about)}---\n${toYaml(content)}` };
}
