import { describe, expect, it } from 'vitest';
import { isOtherSite, knownHosts } from './hosts.ts';

const open = { host: '0.0.0.0', allowedHosts: ['demo.example'], controlToken: undefined };

describe('knownHosts', () => {
  it.each([
    ...[
      'localhost',
      'localhost:8080',
      'LOCALHOST',
      'localhost.',
      'app.localhost:8080',
      '127.0.0.1',
      '127.1:8080',
    ],
    ...['[::1]:8080', '[::1]', '10.0.0.7:8080', '[fd00::7]', 'demo.example', 'Demo.Example.:80'],
  ])('knows %s', (host) => {
    expect(knownHosts(open)(host)).toBe(true);
    expect(knownHosts({ ...open, host: '127.0.0.1' })(host)).toBe(true);
  });

  it.each([
    ...[
      'evil.example',
      'evil.example:8080',
      'localhost.evil.example',
      'notlocalhost',
      'demo.example.evil.com',
    ],
    ...[
      '127.0.0.1.nip.io',
      'sub.demo.example',
      'localhost@evil.example',
      'evil.example#localhost',
      'localhost/x',
    ],
    ...['', ' ', '[', 'a b', 'evil.example?localhost', 'sample-app.com'],
  ])('does not know %s', (host) => {
    expect(knownHosts(open)(host)).toBe(false);
    for (const loopback of ['127.0.0.1', '127.0.0.9', '::1', 'localhost'])
      expect(knownHosts({ ...open, host: loopback, controlToken: 'token' })(host)).toBe(false);
    // Whoever has the token may command; whoever reaches it, watch.
    expect(knownHosts({ ...open, controlToken: 'token' })(host)).toBe(true);
  });

  it('knows the name that the app listens on, and a program that names none', () => {
    expect(knownHosts({ ...open, host: 'Mybox.lan' })('mybox.lan:8080')).toBe(true);
    expect(knownHosts(open)(undefined)).toBe(true);
  });
});

describe('isOtherSite', () => {
  it.each([
    [undefined, 'app.example', false],
    ['https://app.example', 'APP.example:443', false],
    ['http://app.example:80', 'app.example', false],
    ['http://app.example:8081', 'app.example:8080', true],
    ['https://evil.example', 'app.example', true],
    ['null', 'app.example', true],
    ['http://[', 'app.example', true],
    ['http://app.example', 'not a host/', true],
    ['http://app.example', undefined, true],
  ])('of %s at %s is %s', (origin, host, other) => {
    expect(isOtherSite(origin, host)).toBe(other);
  });
});
