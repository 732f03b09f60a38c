import type { AddressInfo } from 'node:net';

/** The URL under which this process reaches its own server. One that listens on every address is reached on loopback, in the same family. */
export function selfUrl({ address, family, port }: AddressInfo): string {
  if (family === 'IPv6') return `http://[${address === '::' ? '::1' : address}]:${port}`;
  return `http://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}
