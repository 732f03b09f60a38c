import { describe, expect, it } from 'vitest';
import { filled, find, toGenerate, toWrite, type Wanted } from './missing.ts';
import { fill, match, type Template } from './templates.ts';

const KNOWN = new Set(['ca', 'ca-key', 'node', 'node-key', 'writer', 'reader', 'token']);
const metadata = (name: string) => ({ name, namespace: 'ns' });
const secret = (name: string, texts: Template['texts']): Template => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata(name),
  texts,
});
const certificate = (name: string, signedBy: string | null) => ({
  name,
  key: `${name}-key`,
  signedBy,
  subject: { commonName: name, organization: 'x' },
  hours: 1,
  usages: [],
  dnsNames: [],
  ipAddresses: [],
});
const RECIPES = {
  passwords: [
    { name: 'writer', length: 8 },
    { name: 'token', length: 8 },
  ],
  certificates: [certificate('ca', null), certificate('node', 'ca')],
};
const CA = secret('ca', { 'ca.crt': '<ca>', 'ca.key': '<ca-key>' });
const NODE = secret('node', { 'ca.crt': '<ca>', 'tls.crt': '<node>', 'tls.key': '<node-key>' });
const APP = secret('app', { url: 'postgresql://w:<writer>@host:1/db?a=/b' });
const MAP: Template = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('map'),
  texts: { 'ca.crt': '<ca>', conf: 'a: <not one>' },
};

const absent = (...templates: Template[]): Wanted[] =>
  templates.map((template) => ({ template, there: null }));
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

describe('a text with generated values', () => {
  it('is filled, and read back', () => {
    const values = new Map([['writer', 'pw1']]);
    const text = fill('postgresql://w:<writer>@host:1/db?a=/b', values, KNOWN);
    expect(text).toBe('postgresql://w:pw1@host:1/db?a=/b');
    expect(match('postgresql://w:<writer>@host:1/db?a=/b', text, KNOWN)).toEqual(values);
    expect(match('<ca>', '-----BEGIN\nx\n', KNOWN)).toEqual(new Map([['ca', '-----BEGIN\nx\n']]));
  });

  it('keeps what only looks like one, and is not of its form when another user, or nothing, stands there', () => {
    expect(fill('<b>bold</b>', new Map(), KNOWN)).toBe('<b>bold</b>');
    expect(match('postgresql://w:<writer>@h', 'postgresql://r:pw1@h', KNOWN)).toBeNull();
    expect(match('postgresql://w:<writer>@h', 'postgresql://w:@h', KNOWN)).toBeNull();
    expect(match('<ca>', '', KNOWN)).toBeNull();
    expect(() => fill('<ca>', new Map(), KNOWN)).toThrow('there is no value for <ca>');
  });
});

describe('what is missing', () => {
  it('is everything at first: the CA before what it signs', () => {
    const wanted = absent(CA, NODE, APP, MAP);
    const { values, problems } = find(wanted, KNOWN);
    expect([...values]).toEqual([]);
    expect(problems).toEqual([]);
    const { passwords, certificates } = toGenerate(wanted, values, RECIPES, KNOWN);
    expect(names(passwords)).toEqual(['writer']);
    expect(names(certificates)).toEqual(['ca', 'node']);
  });

  it('is what an interrupted run left, with the values that are in use', () => {
    const wanted: Wanted[] = [
      { template: CA, there: { 'ca.crt': 'C', 'ca.key': 'K' } },
      ...absent(NODE),
      { template: APP, there: { url: 'postgresql://w:hunter2@host:1/db?a=/b' } },
    ];
    const { values } = find(wanted, KNOWN);
    expect(Object.fromEntries(values)).toEqual({ ca: 'C', 'ca-key': 'K', writer: 'hunter2' });
    const { passwords, certificates } = toGenerate(wanted, values, RECIPES, KNOWN);
    expect(names(passwords)).toEqual([]);
    expect(names(certificates)).toEqual(['node']);
    const made = new Map([...values, ['node', 'N'], ['node-key', 'NK']]);
    expect(toWrite(wanted, made, KNOWN)).toEqual([
      { template: NODE, texts: { 'ca.crt': 'C', 'tls.crt': 'N', 'tls.key': 'NK' }, isNew: true },
    ]);
  });

  it('is nothing when all is there; and a Secret that is there is never written, whatever it holds beside', () => {
    const wanted: Wanted[] = [
      { template: NODE, there: { 'ca.crt': 'C', 'tls.crt': 'N', 'tls.key': 'NK', more: 'x' } },
      { template: MAP, there: { 'ca.crt': 'C', conf: 'a: <not one>' } },
    ];
    const { values } = find(wanted, KNOWN);
    expect(toGenerate(wanted, values, RECIPES, KNOWN)).toEqual({
      passwords: [],
      certificates: [],
      problems: [],
    });
    expect(toWrite(wanted, values, KNOWN)).toEqual([]);
    // Of a ConfigMap, the newest text counts.
    const old = [{ template: MAP, there: { 'ca.crt': 'C', conf: 'old' } }];
    expect(toWrite(old, values, KNOWN)).toMatchObject([{ isNew: false, texts: { conf: 'a: <not one>' } }]);
  });

  it('tells of a Secret that is there and unusable, by name and key, and never by its value', () => {
    const { problems } = find(
      [
        { template: NODE, there: { 'ca.crt': 'C', 'tls.crt': 'N' } },
        { template: APP, there: { url: 'mysql://w:s3cret@host' } },
      ],
      KNOWN,
    );
    expect(problems).toEqual([
      expect.stringMatching(/^Secret ns\/node is there without the key tls\.key\. It is left alone/),
      expect.stringMatching(
        /^Secret ns\/app is there, and its url is not of the form postgresql:\/\/w:<writer>@/,
      ),
    ]);
    expect(problems.join()).not.toContain('s3cret');
  });

  it('tells of two Secrets that contradict each other', () => {
    const other = secret('other', { 'ca.crt': '<ca>' });
    const { problems } = find(
      [
        { template: NODE, there: { 'ca.crt': 'C', 'tls.crt': 'N', 'tls.key': 'K' } },
        { template: other, there: { 'ca.crt': 'another' } },
      ],
      KNOWN,
    );
    expect(problems).toEqual([
      'Secret ns/other and Secret ns/node differ in what is <ca> in both. They are left alone: make them agree, then apply again',
    ]);
  });

  it('cannot be made by a CA whose key is elsewhere', () => {
    const load = secret('load', { 'ca.crt': '<ca>', 'tls.crt': '<token>' });
    const wanted: Wanted[] = [{ template: load, there: { 'ca.crt': 'C', 'tls.crt': 'T' } }, ...absent(NODE)];
    const { problems, certificates } = toGenerate(wanted, find(wanted, KNOWN).values, RECIPES, KNOWN);
    expect(problems).toEqual([
      expect.stringContaining('the certificates of node are missing, and the key of the CA'),
    ]);
    expect(names(certificates)).not.toContain('ca');
  });

  it('is, for a step, the address of its own user alone: another form of it is that of the phase before', () => {
    const both = secret('app', { w: 'pg://w:<writer>@h', r: 'pg://r:<reader>@h' });
    const there = { w: 'pg://w:hunter2@h', r: 'pg://w:hunter2@h' };
    expect(find([{ template: both, there }], KNOWN).problems).toHaveLength(1);
    const { values, problems } = find([{ template: both, there }], KNOWN, (_, key) => key === 'r');
    expect(problems).toEqual([]);
    expect(filled(both, new Map([...values, ['reader', 'pw1']]), KNOWN)).toEqual({
      w: 'pg://w:hunter2@h',
      r: 'pg://r:pw1@h',
    });
  });
});
