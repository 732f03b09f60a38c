import * as pulumi from '@pulumi/pulumi';
import { backupProvider } from './backup-provider.ts';
import { guardProvider } from './guard-provider.ts';
import { nodesLiveProvider } from './nodes-live-provider.ts';
import { replicationProvider } from './replication-provider.ts';
import { settingsProvider } from './settings-provider.ts';
import { sqlFileProvider } from './sql-file-provider.ts';
import { userProvider } from './user-provider.ts';

// Prints, as JSON, the text of each provider as the engine stores it. Run by serialized.test.ts in a process of its own, which loads
// TypeScript the way the engine does: a test runner compiles the code to something else.
const PROVIDERS = {
  backup: backupProvider,
  guard: guardProvider,
  'nodes-live': nodesLiveProvider,
  replication: replicationProvider,
  settings: settingsProvider,
  'sql-file': sqlFileProvider,
  user: userProvider,
};

async function print(): Promise<void> {
  const texts: Record<string, string> = {};
  for (const [name, provider] of Object.entries(PROVIDERS)) {
    // As `pulumi.dynamic.Resource` does it.
    texts[name] = (await pulumi.runtime.serializeFunction(() => provider, { allowSecrets: true })).text;
  }
  console.log(JSON.stringify(texts));
}

void print();
