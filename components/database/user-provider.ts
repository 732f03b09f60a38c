import type * as pulumi from '@pulumi/pulumi';
import { DATABASE } from '../names.ts';
import { compare } from './compare.ts';
import { withDatabase } from './connection.ts';
import type { DatabaseAddress } from './kubernetes.ts';
import { runScript, type Script } from './script.ts';
import type { Sql } from './sql.ts';
import { type Run, sleep } from './waiting.ts';

/** The script is what makes the user and its grants, where no other step has; without one it has no statements. */
export interface UserInputs extends Script {
  readonly address: DatabaseAddress;
  readonly user: string;
  readonly password: string;
}

const LOGIN_TRIES = 5;

/** Gives a user its password and tries it out. The user is there already, or made by the statements. */
export async function setUp(inputs: Omit<UserInputs, 'address'>, sql: Sql, run: Run): Promise<void> {
  const { user, password } = inputs;
  await runScript(sql, inputs);
  // A user's name cannot be a placeholder; `check` admits plain names only.
  await sql.query({ text: `ALTER USER ${user} WITH PASSWORD $1`, values: [password] });
  for (let tries = 1; ; tries++) {
    try {
      await sql.query({ text: 'SELECT 1', database: DATABASE, login: { user, password } });
      return;
    } catch (error) {
      // A node may go by the old password for a moment.
      if ((error as { code?: unknown }).code !== '28P01' || tries === LOGIN_TRIES)
        throw new Error(
          `The user ${user} has its password, but cannot log in with it: ${(error as Error).message}`,
        );
      await sleep(1000, run.signal);
    }
  }
}

const apply = (inputs: UserInputs) =>
  withDatabase(inputs.address, (database, _, run) => setUp(inputs, database, run));

/** Deleting the resource leaves the user as it is. */
export const userProvider: pulumi.dynamic.ResourceProvider = {
  async check(_olds, news: UserInputs) {
    const isName = /^[a-z_][a-z0-9_]*$/.test(news.user);
    const failures = isName
      ? []
      : [{ property: 'user', reason: `"${news.user}" is no plain name of a user, e.g. app_writer` }];
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    return compare(olds, news, { update: ['user', 'password', 'statements'] });
  },
  async create(inputs: UserInputs) {
    await apply(inputs);
    return { id: inputs.user, outs: inputs };
  },
  async update(_id, _olds, news: UserInputs) {
    await apply(news);
    return { outs: news };
  },
};
