import { KubeConfig } from '@kubernetes/client-node';
import { FaultProxy } from './fault-proxy.ts';

/** A kubeconfig, as JSON, that leads to its API server through a proxy: what a client sees of an API server that restarts. */
export async function throughProxy(file: string): Promise<{ proxy: FaultProxy; kubeconfig: string }> {
  const config = new KubeConfig();
  config.loadFromFile(file);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${file} names no cluster`);
  const { hostname, port, protocol } = new URL(cluster.server);
  const proxy = await FaultProxy.start(() => Number(port || 443), Math.random, hostname);
  const server = `${protocol}//127.0.0.1:${proxy.port}`;
  config.clusters = config.clusters.map((one) =>
    one === cluster ? { ...one, server, tlsServerName: one.tlsServerName ?? hostname } : one,
  );
  return { proxy, kubeconfig: config.exportConfig() };
}
