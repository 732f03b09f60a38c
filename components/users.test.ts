import * as pulumi from '@pulumi/pulumi';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { inPlainText, isSecret } from './recorded.ts';

// Pulumi makes text of a provider's functions, and cannot read what the test runner compiles them to. See serialized.test.ts.
vi.mock('./providers/user-provider.ts', () => ({ userProvider: {} }));
vi.mock('./providers/sql-file-provider.ts', () => ({ sqlFileProvider: {} }));
vi.mock('./providers/settings-provider.ts', () => ({ settingsProvider: {} }));
vi.mock('./providers/replication-provider.ts', () => ({ replicationProvider: {} }));

interface Made {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are whatever the resource has.
  readonly inputs: any;
}

const made: Made[] = [];
const address = { context: '', namespace: 'crdb' };

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs });
      const result =
        type === 'random:index/randomPassword:RandomPassword' ? { result: `password of ${name}` } : {};
      return { id: `${name}-id`, state: { ...inputs, ...result } };
    },
  });
});
beforeEach(() => void made.splice(0));

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const inputsOf = (name: string) => made.find((resource) => resource.name === name)?.inputs;

async function users(readerUserEnabled: boolean) {
  const { Users } = await import('./users.ts');
  const result = new Users('users', { address, readerUserEnabled });
  await Promise.all([result.writer, result.reader].map((user) => user && value(user.password)));
  return result;
}

describe('Users', () => {
  it('are the writer alone before phase 1', async () => {
    const { reader, writer } = await users(false);
    expect(reader).toBeUndefined();
    expect(writer.name).toBe('app_writer');
    expect(made.map(({ name }) => name).sort()).toEqual(['users', 'users-writer', 'users-writer-password']);
    expect(inputsOf('users-writer')).toMatchObject({ address, user: 'app_writer', statements: [] });
  });

  it('get the reader, made by its own file, from phase 1 on', async () => {
    const { reader } = await users(true);
    expect(reader?.name).toBe('app_reader');
    const { file, statements, password } = inputsOf('users-reader');
    expect(file).toBe('10-phase1-reader-user.sql');
    expect(statements).toContain('CREATE USER IF NOT EXISTS app_reader');
    expect(password).toBe('password of users-reader-password');
    expect(await value((reader as { password: pulumi.Output<string> }).password)).toBe(password);
  });

  it('have passwords that need no quoting in a URL', async () => {
    await users(true);
    const passwords = made.filter(({ type }) => type.endsWith('RandomPassword'));
    expect(passwords).toHaveLength(2);
    for (const { inputs } of passwords) expect(inputs).toMatchObject({ length: 32, special: false });
  });
});

describe('Schema', () => {
  async function schema(args: object) {
    const { Schema } = await import('./schema.ts');
    new Schema('schema', { address, ...args });
    await pulumi.runtime.disconnect();
    return made.map(({ name }) => name).sort();
  }

  it('is the bootstrap, and nothing of a licence where there is none', async () => {
    expect(await schema({})).toEqual(['schema', 'schema-bootstrap']);
    const { file, statements, lines } = inputsOf('schema-bootstrap');
    expect(file).toBe('00-bootstrap.sql');
    expect(lines.split(' ')).toHaveLength(statements.length);
  });

  it('sets the licence after the organization that it names', async () => {
    expect(await schema({ licence: 'crl-0-x', organization: 'Example' })).toContain('schema-licence');
    const { settings } = inputsOf('schema-licence');
    // Pulumi keeps a map with a secret in it as one secret, also when the licence was passed as plain text.
    expect(isSecret(settings)).toBe(true);
    expect(Object.entries(inPlainText(settings))).toEqual([
      ['cluster.organization', 'Example'],
      ['enterprise.license', 'crl-0-x'],
    ]);
  });
});
