import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRunning } from '../../cli/lib/machine/processes.ts';
import { standInSettings, testedBinary } from '../support/cockroach.ts';
import { rehearsals } from '../support/rehearsal.ts';

const found = testedBinary();
let settings: Readonly<Record<string, string>> = {};
const { temporary, start, leftovers } = rehearsals(() => ({ ...settings, COCKROACH: found?.path ?? '' }));
beforeAll(async () => {
  settings = await standInSettings();
});

const begin = (...args: string[]) => start('--database', 'cockroach', ...args);

/** Command lines of this machine that name a file of these rehearsals. */
const running = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`${temporary}/`) && !line.includes('cli/main.ts'));

// Whatever is wrapped around the program, or started by it, ends too.
afterEach(() => expect.poll(running).toEqual([]));

describe.skipIf(found === null)(`the rehearsal on ${found?.title}`, { timeout: 600_000 }, () => {
  it('--auto goes from one node to three: no step fails a request, nothing is lost, and both deaths are measured', async () => {
    const json = join(temporary, 'out.json');
    const rehearsal = begin('--auto', '--json', json, '--phase-seconds', '4', '--spike-rps', '30');
    await rehearsal.prints('The page: http://127.0.0.1:');
    const processes = new Map(rehearsal.processes);
    expect([...processes.keys()]).toEqual(['CockroachDB n1', 'app']);
    const url = readFileSync(
      join(temporary, leftovers()[0] ?? '', 'credentials', 'writer-url'),
      'utf8',
    ).trim();
    const password = new URL(url).password;
    expect(password.length).toBeGreaterThan(20);
    await rehearsal.prints('Node n3 has joined');
    // No secret in the list of processes, which everybody may read.
    expect(running().filter((line) => line.includes(password))).toEqual([]);
    for (const [name, process] of rehearsal.processes) processes.set(name, process);
    expect(await rehearsal.ended(), rehearsal.output).toBe(0);

    const figures = JSON.parse(readFileSync(json, 'utf8'));
    expect(rehearsal.output + readFileSync(json, 'utf8')).not.toContain(password);
    expect(figures).toMatchObject({ ok: true, problems: [], witness: { lost: 0, duplicated: 0 } });
    const rows = figures.phases.filter(({ phase }: { phase: string }) => /^phase\d$/.test(phase));
    expect(rows.map(({ phase }: { phase: string }) => phase)).toEqual(['phase0', 'phase1', 'phase2']);
    for (const row of rows)
      expect(row).toMatchObject({ errors: 0, lost: 0, witness: { failed: 0 }, spikes: [{ failed: 0 }] });

    const { database, kills, versions } = figures;
    expect(versions.cockroach).toBe(found?.version);
    expect(database.load).toMatchObject({ workload: 'tpcc', restarts: 0 });
    expect(
      database.phases.map(({ nodes, copies }: { nodes: number; copies: object }) => [nodes, copies]),
    ).toEqual([
      [1, { replicas: 1, voters: 1 }],
      [2, { replicas: 2, voters: 1 }],
      [3, { replicas: 3, voters: 3 }],
    ]);
    const zone = (phase: number) => database.phases[phase].zones['RANGE default'];
    expect(zone(1)).toMatch(/num_replicas = 2, num_voters = 1/);
    expect(zone(2)).toMatch(/num_replicas = 3, num_voters = 3/);
    expect(database.phases[0].backup).toBeNull();
    for (const phase of [1, 2])
      expect(database.phases[phase].backup).toMatchObject({ verified: true, rows: expect.any(Number) });

    const [alone, one] = kills;
    expect(kills).toHaveLength(2);
    // The only node: an outage, at least as long as it was away.
    expect(alone).toMatchObject({ phase: 'phase0', node: 'n1', nodes: 1, lost: 0 });
    expect(alone.longestWriteGapMs).toBeGreaterThan(4000);
    expect(alone.failed).toBeGreaterThan(0);
    expect(one).toMatchObject({ phase: 'phase2', node: 'n3', nodes: 3, lost: 0 });
    expect(rehearsal.output).toMatch(/phase0: n1 +1 [\s\S]*phase2: n3 +3 /);
    // The last that is shown: one node became three, and both deaths side by side.
    expect(rehearsal.output).toMatch(
      /One node became three, live[\s\S]*killed +the only node +one of three nodes\nlongest gap/,
    );

    expect(rehearsal.output).toMatch(/As app_reader: INSERT[^\n]*\n +ERROR: .* \(SQLSTATE (42501|25006)\)/);
    expect(leftovers()).toEqual([]);
    for (const [name, process] of processes) expect(isRunning(process), name).toBe(false);
  });

  it('cleans up after one that was killed itself: its nodes end, their data goes, and the next one runs', async () => {
    const killed = begin();
    await killed.prints('[Enter] begin');
    const { processes } = killed;
    killed.signal('SIGKILL');
    await killed.ended();
    expect(isRunning(processes.get('CockroachDB n1') ?? { pid: 0, started: '' })).toBe(true);

    const next = begin();
    await next.prints('Cleaned up after an earlier rehearsal: ended CockroachDB n1');
    await next.prints('The page: ');
    for (const process of processes.values()) expect(isRunning(process)).toBe(false);
    next.signal('SIGINT');
    expect(await next.ended()).toBe(130);
    expect(leftovers()).toEqual([]);
  });

  it('ends with nothing left when it is interrupted: at its start, and while a node is away', async () => {
    const starting = begin();
    await starting.prints('Starting CockroachDB');
    starting.signal('SIGINT');
    expect(await starting.ended(), starting.output).toBe(130);
    expect(leftovers()).toEqual([]);

    const killing = begin();
    await killing.prints('[Enter] begin');
    killing.type('\n');
    await killing.prints('[Enter] next');
    killing.type('\n');
    await killing.prints('[Enter] do it');
    killing.type('\n');
    await killing.prints('[Enter] next');
    killing.type('k\n');
    await killing.prints('Killing n1');
    const { processes } = killing;
    killing.signal('SIGTERM');
    expect(await killing.ended(), killing.output).toBe(143);
    expect(leftovers()).toEqual([]);
    for (const [name, process] of processes) expect(isRunning(process), name).toBe(false);
  });

  it('ends with nothing left when it is interrupted in the middle of a step', async () => {
    const rehearsal = begin('--auto', '--phase-seconds', '2', '--spike-rps', '10');
    await rehearsal.prints('Waiting for 2 copies of every range');
    const { processes } = rehearsal;
    expect([...processes.keys()].sort()).toEqual(['CockroachDB n1', 'CockroachDB n2', 'app', 'load']);
    rehearsal.signal('SIGINT');
    expect(await rehearsal.ended(), rehearsal.output).toBe(130);
    expect(leftovers()).toEqual([]);
    for (const [name, process] of processes) expect(isRunning(process), name).toBe(false);
  });

  it('fails with a node’s last words when that dies by itself, and keeps the logs', async () => {
    const rehearsal = begin('--auto');
    await rehearsal.prints('The page: ');
    const { processes } = rehearsal;
    process.kill(processes.get('CockroachDB n1')?.pid ?? 0, 'SIGKILL');
    expect(await rehearsal.ended()).toBe(1);
    expect(rehearsal.output).toContain('EVO-914: Node n1 of CockroachDB ended unexpectedly (SIGKILL).');
    expect(rehearsal.output).toContain('The logs stay in ');
    for (const [name, process] of processes) expect(isRunning(process), name).toBe(false);
  });
});
