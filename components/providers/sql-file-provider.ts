import { withDatabase } from '../database/connection.ts';
import type { DatabaseAddress } from '../database/kubernetes.ts';
import { runScript, type Script } from '../database/script.ts';
import type { Provider } from './all.ts';
import { compare } from './compare.ts';

export interface SqlFileInputs extends Script {
  readonly address: DatabaseAddress;
}

const run = (inputs: SqlFileInputs) =>
  withDatabase(inputs.address, (database) => runScript(database, inputs));

/** Deleting the resource deletes nothing in the database. */
export const sqlFileProvider: Provider = {
  async check(_olds, news: SqlFileInputs) {
    const failures = news.statements?.length
      ? []
      : [{ property: 'statements', reason: 'the file has no statement' }];
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    // The place of a statement in its file is not part of the cluster's state.
    return compare(olds, news, { update: ['statements'] });
  },
  async create(inputs: SqlFileInputs) {
    await run(inputs);
    return { id: inputs.file, outs: inputs };
  },
  async update(_id, _olds, news: SqlFileInputs) {
    await run(news);
    return { outs: news };
  },
};
