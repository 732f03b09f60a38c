import { describe, expect, it } from 'vitest';
import { initJob, LoadGenerator, runDeployment } from './loadgen.ts';
import { manifests, recorded } from './recorded.ts';
import { loadUrl, runCommand, sizeFlags, type Workload } from './workload.ts';

const TPCC: Workload = { kind: 'tpcc', warehouses: 2, rate: 20 };
const ARGS = {
  namespace: 'crdb',
  cockroachVersion: 'v26.2.5',
  workload: TPCC,
  clientSecret: 'crdb-loadgen-tls',
  rootSecret: 'crdb-root-tls',
};

/** The containers of a Job's or a Deployment's pod, those that run first included. */
function containers(manifest: object) {
  const { template } = (
    manifest as { spec: { template: { spec: Record<string, Array<Record<string, string[]>>> } } }
  ).spec;
  return [...(template.spec.initContainers ?? []), ...(template.spec.containers ?? [])];
}

describe('the command line of the load', () => {
  it('ends in a URL that holds no secret, checks the server, and names a client certificate', () => {
    const url = new URL(runCommand(TPCC).at(-1) as string);
    expect(url.href).toBe(loadUrl());
    expect(url).toMatchObject({
      host: 'crdb-writer:26257',
      pathname: '/evolution',
      username: 'loadgen',
      password: '',
    });
    expect(Object.fromEntries(url.searchParams)).toEqual({
      sslmode: 'verify-full',
      sslrootcert: '/certs/ca.crt',
      sslcert: '/certs/tls.crt',
      sslkey: '/certs/tls.key',
    });
  });

  it.each<[Workload, string[]]>([
    [TPCC, ['--warehouses=2', '--wait=false', '--workers=20']],
    [{ ...TPCC, warehouses: 1000 }, ['--warehouses=1000', '--workers=100']],
    [{ ...TPCC, kind: 'kv' }, ['--cycle-length=100000', '--read-percent=80', '--concurrency=8']],
    [{ ...TPCC, kind: 'bank' }, ['--rows=10000', '--concurrency=8']],
  ])('has the flags of $kind', (workload, flags) => {
    const command = runCommand(workload);
    expect(command.slice(1, 4)).toEqual(['workload', 'run', workload.kind]);
    expect(command).toEqual(
      expect.arrayContaining([...flags, '--db=evolution', '--max-rate=20', '--tolerate-errors']),
    );
  });

  it.each(['tpcc', 'kv', 'bank'] as const)(
    'names the same size when %s is loaded and when it runs',
    (kind) => {
      const workload = { ...TPCC, kind };
      const script = containers(initJob({ ...ARGS, workload }))
        .flatMap((c) => c.command)
        .join('\n');
      expect(sizeFlags(workload).length).toBeGreaterThan(0);
      for (const flag of sizeFlags(workload)) {
        expect(runCommand(workload)).toContain(flag);
        expect(script).toContain(`'${flag}'`);
      }
    },
  );
});

describe('the load generator', () => {
  it('is a Job that loads and a Deployment that runs, of fixed names', async () => {
    const made = manifests(await recorded(() => new LoadGenerator('load', ARGS)));
    expect(made.map((m) => [m.kind, (m.metadata as { name: string }).name])).toEqual([
      ['Job', 'crdb-loadgen-init'],
      ['Deployment', 'crdb-loadgen'],
    ]);
  });

  it('runs the image that the operator runs, and none of latest', () => {
    for (const container of [...containers(initJob(ARGS)), ...containers(runDeployment(ARGS))])
      expect(container.image).toBe('docker.io/cockroachdb/cockroach:v26.2.5');
  });

  it('signs in as root where it makes the tables, and nowhere else', () => {
    const secrets = (manifest: object) => JSON.stringify(manifest).match(/"secretName":"[^"]+"/g);
    expect(secrets(initJob(ARGS))).toEqual(['"secretName":"crdb-root-tls"']);
    expect(secrets(runDeployment(ARGS))).toEqual(['"secretName":"crdb-loadgen-tls"']);
    expect(JSON.stringify(runDeployment(ARGS))).not.toContain('//root@');
  });

  it('tries to load a few times only, keeps the log of each try, and shows its end', () => {
    const job = initJob(ARGS);
    expect(job).toMatchObject({
      metadata: { annotations: { 'pulumi.com/replaceUnready': 'true' } },
      spec: { backoffLimit: 2, template: { spec: { restartPolicy: 'Never' } } },
    });
    expect(containers(job)[0]).toMatchObject({ terminationMessagePolicy: 'FallbackToLogsOnError' });
  });

  it('waits for the data before it runs, and never runs twice at a time', () => {
    const [data, load] = containers(runDeployment(ARGS));
    expect(data?.command?.at(-1)).toContain('SELECT 1 AS there FROM warehouse LIMIT 1');
    expect(load?.args?.at(-1)).toBe(loadUrl());
    expect(runDeployment(ARGS).spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  it('gives its pods labels by which they are told apart from each other', () => {
    const label = (manifest: object) =>
      (manifest as { spec: { template: { metadata: { labels: Record<string, string> } } } }).spec.template
        .metadata.labels;
    const { matchLabels } = (
      runDeployment(ARGS) as { spec: { selector: { matchLabels: Record<string, string> } } }
    ).spec.selector;
    expect(label(runDeployment(ARGS))).toMatchObject(matchLabels);
    expect(label(initJob(ARGS))).not.toMatchObject(matchLabels);
  });
});
