import * as pulumi from '@pulumi/pulumi';
import { PROVIDERS } from './all.ts';
import { imported } from './imported.ts';

// Prints, as JSON, the text of each provider as the engine stores it. Run by serialized.test.ts in a process of its own, which loads
// TypeScript the way the engine does: a test runner compiles the code to something else.
async function print(): Promise<void> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[]) {
    const provider = imported(name);
    // As `pulumi.dynamic.Resource` does it.
    texts[name] = (await pulumi.runtime.serializeFunction(() => provider, { allowSecrets: true })).text;
  }
  console.log(JSON.stringify(texts));
}

void print();
