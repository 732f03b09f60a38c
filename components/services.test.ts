import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { crdbCluster } from './cluster.ts';
import { DATABASE_PODS } from './names.ts';
import { Services, sqlService } from './services.ts';

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: ReturnType<typeof sqlService>;
}
const made: Made[] = [];

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs });
      return { id: name, state: inputs };
    },
    call: () => ({}),
  });
});

describe('the writer and the reader', () => {
  it('are two Services of fixed names in front of the same pods', async () => {
    const { writer, reader } = new Services('services', { namespace: 'crdb' });
    const names = await new Promise((resolve) => pulumi.all([writer, reader]).apply(resolve));
    expect(names).toEqual(['crdb-writer', 'crdb-reader']);
    const services = made.filter((m) => m.type === 'kubernetes:core/v1:Service');
    expect(services.map((s) => s.name)).toEqual(['services-writer', 'services-reader']);
    for (const { inputs } of services) {
      expect(inputs.metadata).toMatchObject({ namespace: 'crdb' });
      expect(inputs.spec).toEqual({
        type: 'ClusterIP',
        selector: DATABASE_PODS,
        ports: [{ name: 'sql', port: 26257, targetPort: 26257, protocol: 'TCP' }],
      });
    }
  });

  it('do not wait for pods, which come later', () => {
    expect(sqlService('crdb-writer').metadata.annotations).toEqual({ 'pulumi.com/skipAwait': 'true' });
  });

  it('select the pods by the name of the cluster', () => {
    const cluster = crdbCluster({
      namespace: 'crdb',
      nodes: 1,
      cockroachVersion: 'v26.2.5',
      storageSize: '10Gi',
      cpu: '1',
      cpuLimit: '2',
      memory: '2Gi',
      spread: 'none',
    });
    expect(DATABASE_PODS['app.kubernetes.io/instance']).toBe(cluster.metadata.name);
  });
});
