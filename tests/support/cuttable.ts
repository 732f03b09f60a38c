import { connect, createServer, type Server, type Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

/** A way to the API server that can be cut: what a client sees of an API server that restarts. */
export class CuttableWay {
  /** The kubeconfig over this way, as JSON. */
  readonly kubeconfig: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #cut = false;

  private constructor(server: Server, kubeconfig: string) {
    this.#server = server;
    this.kubeconfig = kubeconfig;
  }

  static async to(file: string): Promise<CuttableWay> {
    const config = new KubeConfig();
    config.loadFromFile(file);
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error(`${file} names no cluster`);
    const { hostname, port, protocol } = new URL(cluster.server);
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const here = `${protocol}//127.0.0.1:${(server.address() as { port: number }).port}`;
    config.clusters = config.clusters.map((one) =>
      one === cluster ? { ...one, server: here, tlsServerName: one.tlsServerName ?? hostname } : one,
    );
    const way = new CuttableWay(server, config.exportConfig());
    server.on('connection', (socket) => way.#pipe(socket, hostname, Number(port || 443)));
    return way;
  }

  /** Ends every connection, and takes no new one until `restore`. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  restore(): void {
    this.#cut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #pipe(socket: Socket, host: string, port: number): void {
    if (this.#cut) {
      socket.resetAndDestroy();
      return;
    }
    const far = connect(port, host);
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      this.#open.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
  }
}
