import { isIP } from 'node:net';

/** Whether a `Host` header may have come from a page of this app. */
export type KnownHost = (host: string | undefined) => boolean;

/**
 * The hosts that a command's `Host` header may name. A page of another site can make its own name resolve to this machine (DNS rebinding):
 * its Origin is then the same as the Host, and the browser sees one site. So without a control token, and where only this machine should
 * reach the app, the known hosts are loopback's names, IP addresses (which cannot be made to resolve elsewhere), and the configured names.
 */
export function knownHosts(settings: {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly controlToken: string | undefined;
}): KnownHost {
  if (settings.controlToken !== undefined && !isLoopback(settings.host)) return () => true;
  const names = new Set([settings.host, ...settings.allowedHosts].map((name) => name.toLowerCase()));
  return (host) => {
    // Browsers always send it.
    if (host === undefined) return true;
    const name = hostname(host);
    return name !== undefined && (isAddress(name) || /(^|\.)localhost$/.test(name) || names.has(name));
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Browsers let any page send a request or open a WebSocket to any host, and say in `Origin` which page it was: one of another host is refused.
 * Programs that are no browsers send no `Origin`.
 */
export function isOtherSite(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const { protocol, host: originHost } = new URL(origin);
  // Parsed with the origin's scheme, so that a default port counts the same written or not.
  const target = `${protocol}//${host ?? ''}`;
  return !URL.canParse(target) || new URL(target).host !== originHost;
}

/** The name in a `Host` header, in lower case, without port and without a trailing dot; undefined when it is not valid. */
export function hostname(host: string): string | undefined {
  const url = `http://${host}`;
  if (!URL.canParse(url) || /[/?#@\\]/.test(host)) return undefined;
  return new URL(url).hostname.replace(/\.$/, '');
}

const isAddress = (name: string) => isIP(name.replace(/^\[(.*)\]$/, '$1')) > 0;
