import type * as pulumi from '@pulumi/pulumi';
import { backupProvider } from './backup-provider.ts';
import { guardProvider } from './guard-provider.ts';
import { nodesLiveProvider } from './nodes-live-provider.ts';
import { operatorReadyProvider } from './operator-ready-provider.ts';
import { replicationProvider } from './replication-provider.ts';
import { settingsProvider } from './settings-provider.ts';
import { sqlFileProvider } from './sql-file-provider.ts';
import { userProvider } from './user-provider.ts';

/** What each provider must have. */
export type Provider = Required<
  Pick<pulumi.dynamic.ResourceProvider, 'check' | 'diff' | 'create' | 'update'>
>;

/**
 * Every provider, by the name under which states refer to it, which never changes: without it, no update of an existing cluster works.
 */
export const PROVIDERS = {
  backup: backupProvider,
  guard: guardProvider,
  'nodes-live': nodesLiveProvider,
  'operator-ready': operatorReadyProvider,
  replication: replicationProvider,
  settings: settingsProvider,
  'sql-file': sqlFileProvider,
  user: userProvider,
} as const satisfies Readonly<Record<string, Provider>>;
