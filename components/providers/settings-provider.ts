import { withDatabase } from '../database/connection.ts';
import { applySettings, type SettingsInputs } from '../steps/settings.ts';
import type { Provider } from './all.ts';
import { compare } from './compare.ts';

const apply = (inputs: SettingsInputs) =>
  withDatabase(inputs.address, (database) => applySettings(database, inputs.settings));

/** A setting that is removed from the inputs keeps its value in the cluster. */
export const settingsProvider: Provider = {
  async check(_olds, news: SettingsInputs) {
    const failures = Object.keys(news.settings)
      .filter((name) => !/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/.test(name))
      .map((name) => ({ property: 'settings', reason: `"${name}" is not the name of a cluster setting` }));
    return { inputs: news, failures };
  },
  async diff(_id, olds, news) {
    return compare(olds, news, { update: ['settings'] });
  },
  async create(inputs: SettingsInputs) {
    await apply(inputs);
    return { id: 'settings', outs: inputs };
  },
  async update(_id, _olds, news: SettingsInputs) {
    await apply(news);
    return { outs: news };
  },
};
