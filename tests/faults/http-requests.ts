import type { Random } from '../support/random.ts';

/** What a client sends on one connection, and whether it then says that it has no more, or is just gone. */
export interface OddRequest {
  readonly bytes: Buffer;
  readonly leaves: boolean;
}

/** Method, path and body that belong together. */
const RIGHT: readonly (readonly [string, string, string])[] = [
  ['POST', '/login', '{"userId":"ada"}'],
  ['GET', '/search?q=a', ''],
  ['POST', '/commands/mark', '{"kind":"note","label":"x"}'],
  ['POST', '/hub/negotiate?negotiateVersion=1', ''],
  ['GET', '/readyz', ''],
];
const METHODS = [
  ...['HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'],
  ...['PROPFIND', 'QUERY', 'get', 'G ET', '', 'GETGETGETGET'],
];
const PATHS = [
  ...['/', '/login', '/login', '/search?q=a', '/search', '/spike', '/commands/mark', '/commands/start-load'],
  ...[
    '/commands/__proto__',
    '/commands/',
    '/healthz',
    '/readyz',
    '/metrics',
    '/report',
    '/history',
    '/hub',
    '/hub?id=x',
  ],
  ...[
    '/hub/negotiate',
    '/hub/negotiate?negotiateVersion=-1',
    '/assets/../../package.json',
    '/assets/%2e%2e/x',
  ],
  ...['//', '/%', '/%00', '/\u00ff', '*', 'http://other/search?q=a', 'http://[', 'login', '/a b', '/#', '/?'],
];
const VERSIONS = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', ''];
const HOSTS = ['Host: app', 'Host: ', 'Host: a b', 'Host: a/b?c', 'Host: [::1', 'X: y'];
const HEADERS = [
  ...[
    'Content-Type: application/json',
    'Content-Type: application/json; charset=latin1',
    'Content-Type: text/plain',
    'Content-Type: application/json-patch+json',
    'Content-Encoding: gzip',
  ],
  ...[
    'Content-Type: ',
    'Content-Length: 0',
    'Content-Length: 5',
    'Content-Length: 5, 5',
    'Content-Length: -1',
  ],
  ...['Content-Length: 1e3', 'Content-Length: 99999999999999999999', 'Transfer-Encoding: chunked'],
  ...['Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: x'],
  ...['Expect: 100-continue', 'Expect: the-unexpected', 'Upgrade: websocket', 'Upgrade: h2c', 'Upgrade: '],
  ...[
    'Connection: Upgrade',
    'Connection: keep-alive',
    'Connection: close, close',
    'Origin: null',
    'Origin: http://x',
  ],
  ...[
    'Authorization: Bearer ',
    'Authorization: Bearer \u00ff',
    'Sec-WebSocket-Key: x',
    'Sec-WebSocket-Version: 13',
  ],
  ...[
    'Sec-WebSocket-Version: 99',
    'Range: bytes=0-',
    'Range: bytes=9-1',
    'If-None-Match: *',
    'Accept-Encoding: br',
  ],
  ...[
    ' folded: line',
    'No colon',
    ': no name',
    'Bad name: x',
    'X: \u0000',
    'X: a\rb',
    'Cookie: \u00ff=\u00ff',
  ],
  ...['X-Forwarded-For: , ,', '__proto__: x', 'constructor: x', `Long: ${'x'.repeat(5000)}`],
];
const BODIES = [
  ...[
    '',
    '',
    '{"userId":"ada"}',
    '{"userId":"ada"}',
    '{"userId":',
    '{}',
    'null',
    '[]',
    '"',
    '\u0000',
    '{"seconds":1e999}',
  ],
  ...[
    '{"kind":"note","label":"x"}',
    '{"kind":"note","label":{"toString":1}}',
    '{"__proto__":{"userId":"x"}}',
  ],
  ...[
    '5\r\nhello\r\n0\r\n\r\n',
    'zz\r\nhello\r\n',
    '5;a=b\r\nhel',
    '0\r\nTrailer: x\r\n\r\n',
    '\u00ff\u00fe',
    'x'.repeat(20_000),
  ],
];

/** A request that is odd in a few places, as often as not followed by another, whole or cut or bitten. */
export function oddRequest(random: Random): OddRequest {
  // Mostly right: what is wrong in one place is not read any further.
  const odd = <T>(usual: T, others: readonly T[]) => (random.chance(0.15) ? random.pick(others) : usual);
  const one = () => {
    const [method, path, body] = random.chance(0.5)
      ? random.pick(RIGHT)
      : [odd(random.pick(['GET', 'POST']), METHODS), random.pick(PATHS), random.pick(BODIES)];
    const headers = [
      odd('Content-Type: application/json', HEADERS),
      ...Array.from({ length: random.chance(0.6) ? 0 : random.below(3) }, () => random.pick(HEADERS)),
    ];
    const length = random.chance(0.85) ? [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`] : [];
    const end = random.chance(0.95) ? '\r\n' : '\n';
    const first = `${method} ${path} ${odd('HTTP/1.1', VERSIONS)}`;
    return [first, odd('Host: localhost', HOSTS), ...length, ...headers, '', body].join(end);
  };
  const bytes = Buffer.from(random.chance(0.3) ? one() + one() : one(), 'latin1');
  if (random.chance(0.2))
    for (let i = random.below(4); i >= 0; i -= 1) bytes[random.below(bytes.length)] = random.below(256);
  const cut = random.chance(0.2) ? random.below(bytes.length) : bytes.length;
  return { bytes: bytes.subarray(0, cut), leaves: random.chance(0.2) };
}
