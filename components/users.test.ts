import type * as pulumi from '@pulumi/pulumi';
import { describe, expect, it, vi } from 'vitest';
import { inPlainText, isSecret, type Recorded, recorded } from './recorded.ts';

// Pulumi makes text of a provider's functions, and cannot read what the test runner compiles them to. See serialized.test.ts.
vi.mock('./providers/user-provider.ts', () => ({ userProvider: {} }));
vi.mock('./providers/sql-file-provider.ts', () => ({ sqlFileProvider: {} }));
vi.mock('./providers/settings-provider.ts', () => ({ settingsProvider: {} }));
vi.mock('./providers/replication-provider.ts', () => ({ replicationProvider: {} }));

const address = { context: '', namespace: 'crdb' };

const namesOf = (made: readonly Recorded[]) => made.map(({ name }) => name).sort();
// biome-ignore lint/suspicious/noExplicitAny: inputs are whatever the resource has.
const inputsOf = (made: readonly Recorded[], name: string): any =>
  inPlainText(made.find((resource) => resource.name === name)?.inputs);

/** The users, each with the password that others get of it, and what was made for them. */
async function users(readerUserEnabled: boolean) {
  const { Users } = await import('./users.ts');
  const passwords: Record<string, string> = {};
  let users: InstanceType<typeof Users> | undefined;
  const made = await recorded(() => {
    users = new Users('users', { address, readerUserEnabled });
    for (const user of [users.writer, users.reader])
      (user?.password as pulumi.Output<string> | undefined)?.apply((password) => {
        passwords[user?.name ?? ''] = password;
      });
  });
  return { made, passwords, writer: users?.writer.name, reader: users?.reader?.name };
}

describe('Users', () => {
  it('are the writer alone before phase 1', async () => {
    const { made, reader, writer } = await users(false);
    expect(reader).toBeUndefined();
    expect(writer).toBe('app_writer');
    expect(namesOf(made)).toEqual(['users-writer', 'users-writer-password']);
    expect(inputsOf(made, 'users-writer')).toMatchObject({ address, user: 'app_writer', statements: [] });
  });

  it('get the reader, made by its own file, from phase 1 on', async () => {
    const { made, passwords, reader } = await users(true);
    expect(reader).toBe('app_reader');
    const { file, statements, password } = inputsOf(made, 'users-reader');
    expect(file).toBe('10-phase1-reader-user.sql');
    expect(statements).toContain('CREATE USER IF NOT EXISTS app_reader');
    expect(password).toBe('secret:users-reader-password');
    expect(passwords).toMatchObject({ app_reader: password });
  });

  it('have passwords that need no quoting in a URL', async () => {
    const { made } = await users(true);
    const passwords = made.filter(({ type }) => type.endsWith('RandomPassword'));
    expect(passwords).toHaveLength(2);
    for (const { inputs } of passwords) expect(inputs).toMatchObject({ length: 32, special: false });
  });
});

describe('Schema', () => {
  async function schema(args: object) {
    const { Schema } = await import('./schema.ts');
    return recorded(() => void new Schema('schema', { address, ...args }));
  }

  it('is the bootstrap, and nothing of a licence where there is none', async () => {
    const made = await schema({});
    expect(namesOf(made)).toEqual(['schema-bootstrap']);
    const { file, statements, lines } = inputsOf(made, 'schema-bootstrap');
    expect(file).toBe('00-bootstrap.sql');
    expect(lines.split(' ')).toHaveLength(statements.length);
  });

  it('sets the licence after the organization that it names', async () => {
    const made = await schema({ licence: 'crl-0-x', organization: 'Example' });
    const { settings } = made.find(({ name }) => name === 'schema-licence')?.inputs ?? {};
    // Pulumi keeps a map with a secret in it as one secret, also when the licence was passed as plain text.
    expect(isSecret(settings)).toBe(true);
    expect(Object.entries(inPlainText(settings) as object)).toEqual([
      ['cluster.organization', 'Example'],
      ['enterprise.license', 'crl-0-x'],
    ]);
  });
});
