import { beforeAll, describe, expect, it } from 'vitest';
import { type Evaluation, isSecret, type Value } from '../cli/lib/program/resources.ts';
import { evaluatePhases, find, PATIENCE } from './support/phases.ts';

const secured = { secure: 'v1:what:the-engine-encrypts' };
const override = {
  licence: secured,
  backupPassphrase: secured,
  organization: 'Example',
  appRegistryUser: 'me',
  appRegistryPassword: secured,
};

let evaluations: readonly [Evaluation, Evaluation, Evaluation, Evaluation];
let phase2: Evaluation;
let withSettings: Evaluation;
beforeAll(async () => {
  evaluations = await evaluatePhases({ stack: 'phase2', override });
  [, , phase2, withSettings] = evaluations;
}, PATIENCE);

describe('secrets', () => {
  it('are in clear nowhere in what the program hands to the engine', () => {
    const text = JSON.stringify(evaluations);
    // What stands for a password, a key or an encrypted setting while the program is evaluated, as it is and in base64.
    expect(text).not.toContain('mock-secret');
    const encoded = ['', ' ', '  '].map((shift) =>
      Buffer.from(`${shift}mock-secret`)
        .toString('base64')
        .slice(shift.length === 0 ? 0 : 4, -4),
    );
    for (const part of encoded) expect(text).not.toContain(part);
    // They are there, closed.
    expect(shapes(withSettings).join('\n')).toEqual(
      expect.stringMatching(
        /<licence>[\s\S]*<users-reader-password>|<users-reader-password>[\s\S]*<licence>/,
      ),
    );
    expect(find(withSettings, 'backup').inputs.passphrase).toMatchObject({
      secret: true,
      shape: '<backupPassphrase>',
    });
  });

  it('are whole Secrets and single inputs, and never part of a ConfigMap, a pod or a CrdbCluster', () => {
    for (const { name, type, inputs } of phase2.resources.filter((r) => r.type.startsWith('kubernetes:')))
      if (!type.endsWith(':Secret')) expect(closed(inputs), name).toEqual([]);
  });

  function shapes({ resources }: Evaluation): string[] {
    return resources.flatMap(({ inputs }) => closed(inputs));
  }

  function closed(value: Value): string[] {
    if (isSecret(value)) return [JSON.stringify(value.shape)];
    if (typeof value !== 'object' || value === null) return [];
    return Object.values(value).flatMap(closed);
  }
});
