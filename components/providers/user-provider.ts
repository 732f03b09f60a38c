import { withDatabase } from '../database/connection.ts';
import { setUp, type UserInputs } from '../steps/user.ts';
import type { Provider } from './all.ts';
import { compare } from './compare.ts';

const apply = (inputs: UserInputs) =>
  withDatabase(inputs.address, (database, _, run) => setUp(inputs, database, run));

/** Deleting the resource leaves the user as it is. */
export const userProvider: Provider = {
  async check(_olds, news: UserInputs) {
    const isName = /^[a-z_][a-z0-9_]*$/.test(news.user);
    const failures = isName
      ? []
      : [{ property: 'user', reason: `"${news.user}" is not a plain user name, e.g. app_writer` }];
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
