import type * as pulumi from '@pulumi/pulumi';
import { withDatabase } from '../database/connection.ts';
import { type EvolutionBackupInputs, protect } from '../steps/protect.ts';
import type { Provider } from './all.ts';
import { compare, isKnown } from './compare.ts';

const apply = async (inputs: EvolutionBackupInputs) => ({
  outs: {
    ...inputs,
    ...(await withDatabase(inputs.address, (database, kubernetes, run) =>
      protect(inputs, database, kubernetes, run),
    )),
  },
});

/** Deleting the resource keeps the backups. */
export const backupProvider: Provider = {
  async check(_olds, news: EvolutionBackupInputs) {
    const { destination = '', database = 'evolution' } = news;
    const failures: pulumi.dynamic.CheckFailure[] = [];
    if (isKnown(destination) && !/^(nodelocal|s3|gs|azure-blob|external|userfile):\/\/./.test(destination))
      failures.push({
        property: 'destination',
        reason:
          'it must be an address such as nodelocal://1/backups, s3://bucket/path?AUTH=implicit or gs://bucket/path?AUTH=implicit',
      });
    // The name becomes part of statements, where it cannot be a placeholder.
    if (isKnown(database) && !/^[a-z_][a-z0-9_]*$/.test(database))
      failures.push({
        property: 'database',
        reason: `"${database}" is not a plain database name, e.g. evolution`,
      });
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    // A new destination, passphrase or database is tried out at once, not when it is first needed.
    return compare(olds, news, {
      update: ['nodes', 'replicationFactor', 'destination', 'passphrase', 'database'],
    });
  },
  async create(inputs: EvolutionBackupInputs) {
    return { id: 'backup', ...(await apply(inputs)) };
  },
  async update(_id, _olds, news: EvolutionBackupInputs) {
    return apply(news);
  },
};
