import { describe, expect, it } from 'vitest';
import { parseEvent, type Step } from '../../lib/pulumi/events.ts';
import { errorsOf, harm, losses, summarize } from './preview.ts';

const urn = (type: string, name: string) => `urn:pulumi:phase1::p::${type}::${name}`;
const step = (op: string, type: string, name: string): Step => ({ op, type, urn: urn(type, name) });
const CLUSTER = 'kubernetes:crdb.cockroachlabs.com/v1alpha1:CrdbCluster';

describe('what a preview may not do', () => {
  it.each([
    ['replace', CLUSTER, 'replace CrdbCluster x'],
    ['delete', CLUSTER, 'delete CrdbCluster x'],
    ['delete', 'kubernetes:core/v1:Namespace', 'delete Namespace x'],
    ['delete', 'kubernetes:core/v1:PersistentVolumeClaim', 'delete PersistentVolumeClaim x'],
    ['replace', 'kubernetes:core/v1:Service', 'replace Service x'],
    ['create-replacement', 'kubernetes:core/v1:Secret', 'replace Secret x'],
    ['delete-replaced', 'tls:index/privateKey:PrivateKey', 'replace PrivateKey x'],
    ['replace', 'random:index/randomPassword:RandomPassword', 'replace RandomPassword x'],
  ])('%s %s', (op, type, line) => {
    expect(harm([step(op, type, 'x')])).toEqual([line]);
  });

  it('is not to create or to update, and not what holds nothing', () => {
    const steps = [
      step('update', CLUSTER, 'a'),
      step('create', 'kubernetes:core/v1:Secret', 'b'),
      step('delete', 'kubernetes:networking.k8s.io/v1:NetworkPolicy', 'c'),
    ];
    expect(harm(steps)).toEqual([]);
    expect(losses(steps)).toEqual(['delete NetworkPolicy c']);
  });
});

describe('the events of a preview', () => {
  const event = (op: string, type: string, name: string) =>
    parseEvent(JSON.stringify({ sequence: 1, resourcePreEvent: { metadata: step(op, type, name) } }));

  it('add up to a count of each operation, without providers', () => {
    const events = [
      event('same', 'kubernetes:core/v1:Service', 'a'),
      event('update', CLUSTER, 'b'),
      event('update', 'pulumi:providers:pulumi-nodejs', 'default'),
    ].flatMap((e) => e ?? []);
    const seen = summarize(events);
    expect(seen.counts).toEqual({ same: 1, update: 1 });
    expect(seen.changes).toEqual([step('update', CLUSTER, 'b')]);
  });

  it('keep the harmful one of the steps of a replacement', () => {
    const events = ['create-replacement', 'replace', 'delete-replaced'].flatMap(
      (op) => event(op, CLUSTER, 'b') ?? [],
    );
    expect(harm(summarize(events).changes)).toEqual(['replace CrdbCluster b']);
  });

  it('tell errors without the marks of colours, and not what is shown for a moment only', () => {
    const said = (severity: string, ephemeral: boolean) =>
      parseEvent(
        JSON.stringify({
          diagnosticEvent: { severity, ephemeral, message: '<{%fg 1%}>no<{%reset%}>\n', urn: 'u' },
        }),
      );
    const events = [said('error', false), said('info', false), said('error', true)];
    expect(errorsOf(events.flatMap((event) => event ?? []))).toEqual(['no']);
  });

  it('of the Guard are its reasons alone', () => {
    const said = (text: string) =>
      errorsOf([{ kind: 'message', urn: '', severity: 'error', text, passing: false }]);
    expect(
      said("pulumi-nodejs:dynamic/evolution:Guard resource 'guard' has a problem: the cluster only grows"),
    ).toEqual(['the cluster only grows']);
    const other = "kubernetes:core/v1:Secret resource 'guard' has a problem: no";
    expect(said(other)).toEqual([other]);
  });
});
