import { stringify } from 'yaml';

/**
 * Stands for the operator's published manifests while the program is evaluated, so that it needs no network: only the objects and fields
 * that the program reads or changes. The same in every phase, so that a difference between two stacks is the real one.
 */
export function operatorPlaceholder(cockroachVersion: string): string {
  const annotations = {
    'cockroachdb-live-evolution/placeholder': "the operator's published manifest was not read for this",
  };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crdbclusters.crdb.cockroachlabs.com', annotations },
    spec: {
      versions: [
        {
          name: 'v1alpha1',
          schema: { openAPIV3Schema: { properties: { spec: { properties: { nodes: { minimum: 3 } } } } } },
        },
      ],
    },
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cockroach-operator-manager', namespace: 'cockroach-operator-system', annotations },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'cockroach-operator',
              args: [],
              env: [
                {
                  name: `RELATED_IMAGE_COCKROACH_${cockroachVersion.replaceAll('.', '_')}`,
                  value: 'placeholder',
                },
              ],
            },
          ],
        },
      },
    },
  };
  return [definition, deployment].map((object) => stringify(object)).join('---\n');
}
