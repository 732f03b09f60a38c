import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Scratch } from '../cli/lib/machine/scratch.ts';
import { readScript } from '../components/replication.ts';
import { ROOT } from '../tests/support/repository.ts';
import { readFiles, required } from './files.ts';
import { Refused } from './refused.ts';

// What `npm run render` writes, as the Job's pod has it: the files of both ConfigMaps in one folder.
const scratch = new Scratch();
const folders = { plan: scratch.path('plan'), settings: scratch.path('settings') };
afterAll(() => scratch.remove());

function given(phase: string) {
  rmSync(folders.plan, { recursive: true, force: true });
  mkdirSync(folders.plan, { recursive: true });
  for (const folder of ['base', phase]) cpSync(join(ROOT, 'k8s', folder), folders.plan, { recursive: true });
  return readFiles(folders);
}
beforeEach(() => rmSync(folders.settings, { recursive: true, force: true }));

describe('the plan of a Job', () => {
  it.each([
    ['phase0', 1, 1, null, ['app_writer']],
    ['phase1', 2, 2, 'phase0', ['app_writer', 'app_reader']],
    ['phase2', 3, 3, 'phase1', ['app_writer', 'app_reader']],
  ])('of %s is what the program has the step do', (phase, nodes, factor, previous, users) => {
    const { plan, cluster, script } = given(phase);
    expect(plan).toMatchObject({ phase, namespace: 'crdb', replicationFactor: factor, licence: null });
    expect(plan.previous?.phase ?? null).toBe(previous);
    expect(plan.users.map(({ name }) => name)).toEqual(users);
    expect(plan.backup).toEqual({ destination: 'nodelocal://1/backups', encrypted: false });
    expect(cluster.spec).toMatchObject({ nodes, cockroachDBVersion: 'v26.2.5' });
    // The same statements as the providers are given, with the same lines.
    for (const file of [
      plan.sql.replication,
      ...plan.sql.bootstrap,
      ...plan.users.flatMap(({ sql }) => sql ?? []),
    ])
      expect(script(file)).toEqual(readScript(file));
  });

  it('has a template for each object that holds a generated value, and how each value is made', () => {
    const { objects, credentials, recipes, plan } = given('phase1');
    const made = new Set([
      ...recipes.passwords.map(({ name }) => name),
      ...recipes.certificates.flatMap(({ name, key }) => [name, key]),
      ...plan.users.map(({ password }) => password.name),
    ]);
    const used = [...objects, credentials].flatMap(({ texts }) =>
      Object.values(texts).flatMap((text) => [...text.matchAll(/<([\w-]+)>/g)].map(([, name]) => name ?? '')),
    );
    expect(used.length).toBeGreaterThan(12);
    expect(used.filter((name) => !made.has(name))).toEqual([]);
    expect(credentials.texts['reader-url']).toContain(
      'app_reader:<users-reader-password>@crdb-reader.crdb.svc',
    );
  });

  it('is refused when it does not fit the image, or a file of it is missing', () => {
    given('phase1');
    appendFileSync(join(folders.plan, 'plan.yaml'), 'more: 1\n');
    expect(() => readFiles(folders)).toThrow(Refused);
    expect(() => readFiles(folders)).toThrow(
      /^plan\.yaml does not fit this image: .*Image and manifests must be of one version$/,
    );
    rmSync(join(folders.plan, 'plan.yaml'));
    expect(() => readFiles(folders)).toThrow(/^The plan has no plan\.yaml: .*Apply the whole folder/);
  });

  it('takes from the Secret what nobody may read, and says how to make it', () => {
    const files = given('phase1');
    expect(files.setting('passphrase')).toBeUndefined();
    expect(() => required(files, 'passphrase', 'the backups are encrypted')).toThrow(
      'the backups are encrypted, and the Secret evolution-settings has no backup-passphrase: kubectl -n crdb create secret generic evolution-settings --from-file=backup-passphrase=<file>; then apply again',
    );
    mkdirSync(folders.settings);
    writeFileSync(join(folders.settings, 'backup-passphrase'), 'hush\n');
    expect(required(files, 'passphrase', 'x')).toBe('hush');
    expect(readFileSync(join(ROOT, 'k8s/phase1/plan.yaml'), 'utf8')).not.toContain('hush');
  });
});
