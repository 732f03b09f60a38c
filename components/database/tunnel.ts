import { Duplex, PassThrough, Writable } from 'node:stream';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';
import type { Tunnel } from './access.ts';

/** Milliseconds until a port-forward must be open. */
const OPEN_MS = 15_000;

/**
 * A port-forward without a local port. It opens at `connect`, and emits the event `connect`. It ends with an error that names the pod when
 * the API server, the kubelet or the pod refuses or breaks it.
 */
export function tunnel(kubeconfig: KubeConfig, namespace: string, pod: string, port: number): Tunnel {
  const toPod = new PassThrough();
  const opened: { socket?: { close(): void } } = {};
  // Named before it is used, and not within itself: otherwise Pulumi's serialisation of providers takes it for a global.
  const stream = new Duplex({
    read() {},
    write: (chunk, encoding, done) => void toPod.write(chunk, encoding, done),
    final: (done) => void toPod.end(done),
    destroy: (error, done) => {
      opened.socket?.close();
      done(error);
    },
  }) as Tunnel;
  const fail = (why: string) => stream.destroy(new Error(`the port-forward to ${pod}:${port} ${why}`));
  const open = async () => {
    const fromPod = sink((chunk) => stream.push(chunk));
    const problems = sink((chunk) => fail(`failed: ${chunk.toString().trim()}`));
    const forward = new PortForward(kubeconfig);
    const socket = await forward.portForward(namespace, pod, [port], fromPod, problems, toPod);
    if (typeof socket === 'function') throw new Error('it was not asked to reconnect by itself');
    opened.socket = socket;
    if (stream.destroyed) socket.close();
    // Not an error: every connection ends like this, also after `end()` from this side. What is written now could not arrive.
    socket.on('close', () => stream.push(null));
    stream.on('end', () => setImmediate(() => stream.destroy()));
  };
  const same = () => stream;
  return Object.assign(stream, {
    connect: () => {
      const limit = setTimeout(() => fail(`did not open within ${OPEN_MS / 1000} s`), OPEN_MS);
      open()
        .then(() => stream.emit('connect'))
        .catch((error) => fail(`did not open: ${error.message ?? error}`))
        .finally(() => clearTimeout(limit));
      return stream;
    },
    // A port-forward has none of these options, and keeps the process alive as long as it is open.
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
  });
}

function sink(take: (chunk: Buffer) => void): Writable {
  return new Writable({
    write: (chunk: Buffer, _, done) => {
      // The API server opens each channel with the port's number. The client cuts it off, and nothing remains.
      if (chunk.length > 0) take(chunk);
      done();
    },
  });
}
