import * as pulumi from '@pulumi/pulumi';
import { PLATFORMS, type Platform } from './platforms.ts';
import type { Settings } from './settings.ts';
import { checkSettings, problemList, type Values } from './settings-check.ts';

/** All settings, checked. Secrets are outputs that stay secret; an empty one counts as not set. */
export interface Config extends Settings {
  /** The platform's choices, with the settings that override them. */
  readonly choices: Platform;
  readonly licence: pulumi.Output<string> | undefined;
  readonly backupPassphrase: pulumi.Output<string> | undefined;
  readonly appRegistryPassword: pulumi.Output<string> | undefined;
}

/** The program cannot work with a setting. The message says which, why, and what to set instead. */
export class ConfigError extends pulumi.RunError {}

/** Reads and checks the stack's settings. Throws a ConfigError that names every wrong one. */
export function readConfig(): Config {
  const config = new pulumi.Config();
  // All settings of this project, including those that no component reads, so that a misspelt name is found.
  const own = Object.entries(pulumi.runtime.allConfig()).flatMap(([key, value]) =>
    key.startsWith(`${config.name}:`) ? [[key.slice(config.name.length + 1), value]] : [],
  );
  const settings = check(Object.fromEntries(own), pulumi.getStack());
  const platform: Platform = PLATFORMS[settings.platform];
  return {
    ...settings,
    choices: {
      ...platform,
      storageClass: settings.storageClass === '' ? platform.storageClass : settings.storageClass,
      spread: settings.spread === 'auto' ? platform.spread : settings.spread,
    },
    licence: secret(config, 'licence'),
    backupPassphrase: secret(config, 'backupPassphrase'),
    appRegistryPassword: secret(config, 'appRegistryPassword'),
  };
}

/** The checks alone, for values as `Pulumi.yaml` and a stack's file hold them. Throws a ConfigError. */
export function check(values: Values, stack: string): Settings {
  const { settings, problems } = checkSettings(values, stack);
  if (settings !== null) return settings;
  const file = `Pulumi.${stack}.yaml`;
  throw new ConfigError(
    `The settings of ${stack} (${file}) cannot work:\n${problemList(problems)}\nNext: fix each with the command beside it, then run the same command again`,
  );
}

function secret(config: pulumi.Config, key: string): pulumi.Output<string> | undefined {
  const name = `${config.name}:${key}`;
  // `Config.get` warns about secrets. Only the presence of one matters here.
  return pulumi.runtime.getConfig(name) ? config.requireSecret(key) : undefined;
}
