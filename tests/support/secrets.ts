/** What a secret looks like, in any text. Each names the part that makes it one. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60,}/g,
  'an address with a password': /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"'`<>]+:([^\s@/"'`<>]+)@[^\s"'`<>]/gi,
  'a password or token':
    /\b(?:passw(?:or)?d|secret|token|api[_-]?key)["']?\s*[:=]\s*["']([^\s"'`${}<>]{12,})["']/gi,
  'a key of AWS': /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  'a secret key of AWS': /AWS_SECRET_ACCESS_KEY=([A-Za-z0-9/+]{30,})/g,
  'a token of GitHub': /\bgh[pousr]_[A-Za-z0-9]{36,}\b/g,
  'a key of Google': /"private_key_id":\s*"[0-9a-f]{40}"/g,
  'a state of Pulumi': /"ciphertext":\s*"[^"]{20,}"|encryptionsalt:\s*v1:\S{16,}/g,
};

export interface Found {
  readonly line: number;
  readonly what: string;
  /** The part that is secret. Not for output: whoever prints it spreads it. */
  readonly value: string;
}

export function findSecrets(text: string): Found[] {
  return Object.entries(PATTERNS).flatMap(([what, pattern]) =>
    [...text.matchAll(pattern)].map((match) => ({
      line: text.slice(0, match.index).split('\n').length,
      what,
      value: match[1] ?? match[0],
    })),
  );
}
