import * as pulumi from '@pulumi/pulumi';
import { describe, expect, it } from 'vitest';
import { crdbCluster } from './cluster.ts';
import { DATABASE_PODS } from './names.ts';
import { recorded } from './recorded.ts';
import { Services, sqlService } from './services.ts';

describe('the writer and the reader', () => {
  it('are two Services of fixed names in front of the same pods', async () => {
    let names: unknown;
    const services = await recorded(() => {
      const { writer, reader } = new Services('services', { namespace: 'crdb' });
      pulumi.all([writer, reader]).apply((both) => {
        names = both;
      });
    });
    expect(names).toEqual(['crdb-writer', 'crdb-reader']);
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
    expect(sqlService('writer', 'crdb').metadata.annotations).toEqual({ 'pulumi.com/skipAwait': 'true' });
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
