import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../cli/commands/rehearse/cockroach/certificates.ts';
import { CockroachNode } from '../../cli/commands/rehearse/cockroach/node.ts';
import { freePorts, HOST } from '../../cli/lib/machine/ports.ts';
import { run } from '../../cli/lib/machine/processes.ts';
import { Scratch } from '../../cli/lib/machine/scratch.ts';
import { addressAccess, rootFiles } from '../../components/database/address-access.ts';
import { openClient } from '../../components/database/client.ts';
import { standInSettings, testedBinary } from '../support/cockroach.ts';

const found = testedBinary();

describe.skipIf(found === null)(`one node of ${found?.title}`, { timeout: 600_000 }, () => {
  const scratch = new Scratch();
  const signal = new AbortController().signal;
  let node: CockroachNode;

  beforeAll(async () => {
    if (found === null) return;
    Object.assign(process.env, await standInSettings());
    const [rpc = 0, sql = 0, http = 0] = await freePorts(3);
    const certsDir = scratch.path('certs');
    await makeCertificates(found, certsDir, signal);
    node = new CockroachNode({
      binary: found,
      name: 'n1',
      ports: { rpc, sql, http },
      certsDir,
      store: scratch.path('n1'),
      // As in phase 0 on Kubernetes: the names of pods that are not there yet.
      join: [`${HOST}:${rpc}`, 'crdb-1.crdb.invalid:26258', 'crdb-2.crdb.invalid:26258'],
      logFile: scratch.path('n1.log'),
      onDeath: () => {},
    });
  });

  afterAll(async () => {
    await node?.kill();
    scratch.remove();
  });

  it('assumption: it restarts within 180 s, though two names of its join list do not resolve', async () => {
    const database = openClient(
      addressAccess({
        nodes: () => [{ name: 'n1', host: HOST, ports: node.ports }],
        files: rootFiles(scratch.path('certs')),
        lookAt: scratch.directory,
      }),
      { signal, say: () => {} },
    );
    const ready = async () => (await database.nodes())[0]?.ready;
    node.start();
    const init = ['init', `--host=${HOST}:${node.ports.rpc}`, `--certs-dir=${scratch.path('certs')}`];
    await expect.poll(() => run(found?.path ?? '', init), { timeout: 60_000 }).toMatch(/initialized/);
    await expect.poll(ready, { timeout: 120_000 }).toBe(true);
    await node.kill();
    // As long as Kubernetes takes to start a container again, and what a stand-in has started to end.
    await sleep(3000);
    const start = Date.now();
    node.start();
    await expect.poll(ready, { timeout: 180_000, interval: 500 }).toBe(true);
    expect(await database.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: '1' }]);
    console.log(
      `assumption, seen on ${found?.title}: ready again ${((Date.now() - start) / 1000).toFixed(1)} s after its start`,
    );
    database.close();
  });
});
