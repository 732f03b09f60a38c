import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkPassphrase, findPassphrase, requirePassphrase, wrongFor } from './passphrase.ts';

const directory = mkdtempSync(join(tmpdir(), 'passphrase-test-'));
afterAll(() => rmSync(directory, { recursive: true }));
const stack = (name: string, content: string) =>
  writeFileSync(join(directory, `Pulumi.${name}.yaml`), content);

/** As Pulumi writes it when a stack is made. */
function encryptionSalt(passphrase: string): string {
  const [salt, nonce] = [randomBytes(8), randomBytes(12)];
  const key = pbkdf2Sync(passphrase, salt, 1_000_000, 32, 'sha256');
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const text = Buffer.concat([cipher.update('pulumi'), cipher.final(), cipher.getAuthTag()]);
  return `v1:${salt.toString('base64')}:v1:${nonce.toString('base64')}:${text.toString('base64')}`;
}

beforeEach(() => {
  for (const name of ['phase0', 'phase1', 'phase2']) stack(name, 'config: {}\n');
});

describe('the passphrase', () => {
  it('is that of the variable before that of the file, as Pulumi has it', () => {
    const file = join(directory, 'passphrase');
    writeFileSync(file, ' from a file \n');
    const both = { PULUMI_CONFIG_PASSPHRASE: 'x', PULUMI_CONFIG_PASSPHRASE_FILE: '/nonexistent' };
    expect(findPassphrase(both)).toEqual({ from: 'variable', text: 'x' });
    expect(findPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file })).toEqual({
      from: 'file',
      text: 'from a file',
    });
  });

  it.each<[Record<string, string>, RegExp]>([
    [{}, /^PULUMI_CONFIG_PASSPHRASE is not set\. The passphrase encrypts/],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: '' }, /^PULUMI_CONFIG_PASSPHRASE is not set/],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: '/nonexistent' }, /cannot be read: ENOENT.*nonexistent/],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: '/' }, /cannot be read: EISDIR/],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: '/dev/null' }, /\/dev\/null, which is empty/],
  ])('is missing with %j', (env, message) => {
    expect(() => requirePassphrase(directory, env)).toThrow(
      expect.objectContaining({ code: 'EVO-102', message: expect.stringMatching(message) }),
    );
  });

  it('is not asked for where every stack has its keys elsewhere', () => {
    for (const name of ['phase0', 'phase1', 'phase2']) stack(name, 'secretsprovider: awskms://alias/x\n');
    requirePassphrase(directory, {});
  });

  it('is told from another one by what Pulumi has encrypted with it, for each stack', async () => {
    stack('phase0', `encryptionsalt: ${encryptionSalt('mine')}\n`);
    stack('phase1', `encryptionsalt: ${encryptionSalt('theirs')}\n`);
    expect(await wrongFor('mine', directory)).toEqual(['phase1']);
    expect(await wrongFor('theirs', directory)).toEqual(['phase0']);
    expect(await wrongFor('', directory)).toEqual(['phase0', 'phase1']);
    await expect(checkPassphrase(directory, { PULUMI_CONFIG_PASSPHRASE: 'mine' })).rejects.toMatchObject({
      code: 'EVO-106',
      message: 'The passphrase is not the one of phase1',
    });
    stack('phase1', `encryptionsalt: ${encryptionSalt('mine')}\n`);
    await checkPassphrase(directory, { PULUMI_CONFIG_PASSPHRASE: 'mine' });
  });

  it('is not judged by a form of it that Pulumi does not have today', async () => {
    stack('phase0', 'encryptionsalt: v2:whatever\n');
    expect(await wrongFor('x', directory)).toEqual([]);
  });
});
