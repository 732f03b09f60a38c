import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HOST } from '../../lib/machine/ports.ts';

export interface ForwardOptions {
  /** Port of this machine. */
  readonly port: number;
  /** Opens a connection to a pod that is ready. Rejects with why there is none. */
  readonly dial: () => Promise<Duplex>;
  /** Called when a connection could not be made, or broke. */
  readonly onBroken: (why: string) => void;
}

export interface Forward {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * A port of this machine that leads to a pod. Each connection to it is a port-forward of its own, to whichever pod is ready then: so the
 * port stays when a pod goes. Rejects with the code EADDRINUSE when the port is taken.
 */
export async function forward({ port, dial, onBroken }: ForwardOptions): Promise<Forward> {
  const open = new Set<Duplex>();
  const server: Server = createServer({ allowHalfOpen: false }, async (local) => {
    open.add(local);
    local.once('close', () => open.delete(local));
    local.on('error', () => {});
    try {
      const remote = await dial();
      open.add(remote);
      remote.once('close', () => open.delete(remote));
      if (local.destroyed) return void remote.destroy();
      let broken: Error | undefined;
      remote.on('error', (error) => {
        broken = error;
      });
      // Whichever side ends or breaks ends the other one.
      await Promise.allSettled([pipeline(local, remote), pipeline(remote, local)]);
      if (broken !== undefined) onBroken(broken.message);
    } catch (error) {
      local.destroy();
      onBroken((error as Error).message);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const stream of open) stream.destroy();
      await closed;
    },
  };
}
