import type { AddressInfo } from 'node:net';

/** Where this process reaches a server of its own. One that listens on every address is asked on loopback, of its own family. */
export function selfUrl({ address, family, port }: AddressInfo): string {
  if (family === 'IPv6') return `http://[${address === '::' ? '::1' : address}]:${port}`;
  return `http://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}
