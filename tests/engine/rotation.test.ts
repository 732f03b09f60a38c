import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as k8s from '@pulumi/kubernetes';
import { LocalWorkspace, type Stack } from '@pulumi/pulumi/automation';
import * as random from '@pulumi/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseSecret } from '../../components/app-manifests.ts';
import { Certificates } from '../../components/certificates.ts';
import { read } from '../support/repository.ts';
import { hasEngine } from './project.ts';

if (!hasEngine)
  console.warn(
    'SKIPPED: no pulumi on PATH, the commands that renew certificates and passwords are not tried',
  );

/** What a runbook's command names to be replaced. */
function targets(runbook: string): string[][] {
  const commands = [...read(`docs/runbooks/${runbook}.md`).matchAll(/^ +pulumi up .*--target-replace.*$/gm)];
  return commands.map(([command]) => {
    expect(command).toContain('--target-dependents');
    return [...command.matchAll(/--target-replace '([^']+)'/g)].map(([, pattern = '']) => pattern);
  });
}

// The real engine and providers; the Kubernetes provider writes files instead of a cluster.
describe.skipIf(!hasEngine)('a renewal, as its runbook has it typed', { timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'rotation-'));
  let stack: Stack;

  beforeAll(async () => {
    const state = join(directory, 'state');
    mkdirSync(state);
    const program = async () => {
      const provider = new k8s.Provider('files', {
        renderYamlToDirectory: join(directory, 'yaml'),
        enableSecretMutable: true,
      });
      new Certificates('certificates', { namespace: 'ns' }, { provider });
      const password = (name: string) =>
        new random.RandomPassword(name, { length: 32, special: false }).result;
      const login = (name: string, part: string) => ({ name, password: password(`users-${part}-password`) });
      const secret = databaseSecret({
        namespace: 'ns',
        databaseNamespace: 'ns',
        writer: login('app_writer', 'writer'),
        reader: login('app_reader', 'reader'),
      });
      new k8s.core.v1.Secret('app-database', secret, { provider });
    };
    stack = await LocalWorkspace.createStack(
      { stackName: 'test', projectName: 'rotation', program },
      {
        workDir: directory,
        envVars: {
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: 'test',
          PULUMI_SKIP_UPDATE_CHECK: '1',
        },
      },
    );
    await stack.up();
  }, 180_000);
  afterAll(() => rmSync(directory, { recursive: true }));

  /** What a preview means to do, by resource; what stays the same is left out. */
  async function planned(patterns: string[]): Promise<Record<string, string>> {
    const steps: Record<string, string> = {};
    await stack.preview({
      target: patterns,
      replace: patterns,
      targetDependents: true,
      onEvent: ({ resourcePreEvent: event }) => {
        const { op, urn } = event?.metadata ?? { op: 'same', urn: '' };
        if (/^(update|replace|create|delete)$/.test(op)) steps[urn.split('::').at(-1) ?? ''] = op;
      },
    });
    return steps;
  }

  it('of the certificates replaces these three and updates their Secrets in place', async () => {
    const [patterns = []] = targets('certificates');
    expect(await planned(patterns)).toEqual({
      'certificates-node': 'replace',
      'certificates-root': 'replace',
      'certificates-load': 'replace',
      'certificates-node-secret': 'update',
      'certificates-root-secret': 'update',
      'certificates-load-secret': 'update',
    });
  });

  it('of a key replaces its request and certificate too, and nobody else', async () => {
    expect(await planned(['**certificates-node-key'])).toEqual({
      'certificates-node-key': 'replace',
      'certificates-node-request': 'replace',
      'certificates-node': 'replace',
      'certificates-node-secret': 'update',
    });
  });

  it('of a password replaces it and updates the Secret of the app in place', async () => {
    const database = targets('passwords').filter(([pattern = '']) => pattern.includes('users-'));
    expect(database).toEqual([['**users-writer-password'], ['**users-reader-password']]);
    for (const patterns of database)
      expect(await planned(patterns)).toEqual({
        [patterns[0]?.slice(2) ?? '']: 'replace',
        'app-database': 'update',
      });
  });
});
