import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Report } from '../app/src/contract.ts';
import { SCRIPT } from '../cli/commands/rehearse/script/script.ts';
import { isRunning } from '../cli/lib/machine/processes.ts';
import { rehearsals } from './support/rehearsal.ts';

// The rehearsal on a real PostgreSQL, with the real app.
const { temporary, start, leftovers } = rehearsals();

/** A port that is in use until the test ends. */
async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

describe('npm run rehearse', { timeout: 120_000 }, () => {
  it('--auto plays all phases: no request fails, nothing is lost, and the figures say so', async () => {
    const port = await busyPort();
    const json = join(temporary, 'reports', 'out.json');
    const args = [
      '--auto',
      '--json',
      json,
      '--phase-seconds',
      '4',
      '--spike-rps',
      '50',
      '--port',
      String(port),
    ];
    const rehearsal = start(...args);
    await rehearsal.prints(`Port ${port} is in use; taking `);
    await rehearsal.prints('The page: http://127.0.0.1:');
    const { processes } = rehearsal;
    expect([...processes.keys()]).toEqual(['PostgreSQL', 'app']);
    expect(await rehearsal.ended(), rehearsal.output).toBe(0);

    const figures = JSON.parse(readFileSync(json, 'utf8'));
    expect(figures).toMatchObject({ ok: true, problems: [], witness: { lost: 0 } });
    const phases = figures.phases.filter((p: { phase: string }) => /^phase\d$/.test(p.phase));
    expect(phases.map((p: { phase: string }) => p.phase)).toEqual(['phase0', 'phase1', 'phase2']);
    for (const phase of phases) {
      expect(phase).toMatchObject({ errors: 0, lost: 0, spikes: [{ targetRps: 50, sent: 100, failed: 0 }] });
      expect(phase.requests).toBeGreaterThan(100);
    }
    // The only node was killed in phase 0: that was an outage, it was measured, and it is no fault of a step.
    expect(figures.kills).toEqual([
      expect.objectContaining({ phase: 'phase0', node: 'postgresql', nodes: 1, lost: 0 }),
    ]);
    const [kill] = figures.kills;
    expect(kill.longestWriteGapMs).toBeGreaterThan(4000);
    expect(kill.failed).toBeGreaterThan(0);
    expect(figures.phases.map((p: { phase: string }) => p.phase)).toContain('phase0, postgresql killed');
    expect(rehearsal.output).toMatch(/phase0: postgresql +1 /);
    expect(figures).toMatchObject({
      readySeconds: expect.any(Number),
      versions: { postgres: expect.stringMatching(/^\d+/) },
    });
    // What the real program would change in the cluster was told before each step.
    expect(rehearsal.output).toMatch(
      /spec\.nodes: 1 => 2[\s\S]* Nothing is replaced or deleted\.[\s\S]*spec\.nodes: 2 => 3/,
    );
    // The reader was made, and the database refused it what it must refuse, whatever its session says.
    expect(rehearsal.output).toContain('cannot execute INSERT in a read-only transaction (SQLSTATE 25006)');
    expect(rehearsal.output).toContain('permission denied for table search_terms (SQLSTATE 42501)');
    expect(leftovers()).toEqual([]);
    for (const process of processes.values()) expect(isRunning(process)).toBe(false);
  });

  it('leads through the phases at the press of a key, and marks them for the page', async () => {
    const rehearsal = start('--phase-seconds', '4', '--spike-rps', '50');
    await rehearsal.prints('The page: ');
    const address = /http:\S+(?=\/)/.exec(rehearsal.output)?.[0];
    expect((await fetch(`${address}/`)).headers.get('content-type')).toContain('text/html');
    await rehearsal.prints('[Enter] begin: Who needs this');
    rehearsal.type('\n');
    for (const [i, beat] of SCRIPT.entries()) {
      await rehearsal.prints(`${i + 1}/${SCRIPT.length} ${beat.title}`);
      // What is said of it is read before it happens.
      for (const text of beat.say) await rehearsal.prints(`Say: ${text}`);
      for (const text of beat.changes) await rehearsal.prints(text);
      for (const command of beat.commands) await rehearsal.prints(`$ ${command}`);
      if (beat.plays === 'spike') await rehearsal.prints('$ curl http');
      // There is no third node here to kill: that is told, and the talk goes on.
      const acts = beat.plays !== 'nothing' && beat.ofNodes !== 3;
      if (acts) {
        await rehearsal.prints('[Enter] do it');
        rehearsal.type('\n');
      } else if (beat.ofNodes === 3) await rehearsal.prints('a single PostgreSQL has no node to spare');
      if (beat.plays === 'kill' && acts) {
        await rehearsal.prints('Killing postgresql ...');
        // The terminal tells of the outage, too.
        await rehearsal.prints('Requests are failing.');
        await rehearsal.prints('postgresql, the only node, was killed');
        expect(rehearsal.output).not.toContain('One of three dies');
      }
      if (beat.plays === 'card') {
        await rehearsal.prints('acknowledged writes found again, 0 lost');
        await rehearsal.prints('the only node');
        await rehearsal.prints('npm ci && npm run rehearse');
      }
      await rehearsal.prints('[Enter] next: ');
      // A spike can be had at any time, and so can the death of a node.
      if (beat.begins === 'phase2') rehearsal.type('s\n');
      if (beat.plays === 'spike' || beat.begins === 'phase2') await rehearsal.prints('The spike is over: ');
      rehearsal.type('\n');
    }
    expect(rehearsal.output).toMatch(/Requests succeed again, after about \d+ s\./);
    await rehearsal.prints('No request failed in the steps, and nothing was lost');
    const report = (await (await fetch(`${address}/report`)).json()) as Report;
    const phases = report.periods.map((period) => period.phase);
    expect(phases).toEqual([null, 'phase0', 'phase0, postgresql killed', 'phase0', 'phase1', 'phase2']);
    rehearsal.type('q\n');
    expect(await rehearsal.ended(), rehearsal.output).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('--presenter keeps the notes out of the terminal, and goes on with its page at each beat', async () => {
    const rehearsal = start('--presenter', '--phase-seconds', '2', '--spike-rps', '10');
    await rehearsal.prints("The presenter's page, for your own screen: http://");
    const address = /screen: (http:\S+)\//.exec(rehearsal.output)?.[1] ?? '';
    const talk = (await (await fetch(`${address}/talk`)).json()) as { beats: { say: string[] }[] };
    expect(talk.beats.map(({ say }) => say)).toEqual(SCRIPT.map(({ say }) => say));
    const live = await fetch(`${address}/live`);
    const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader();
    const shown: { startedAt: number | null; beat: number; state: string; news: string }[] = [];
    const until = async (beat: number, state: string) => {
      while (!shown.some((one) => one.beat === beat && one.state === state && one.startedAt !== null)) {
        const { value = '', done } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error(`it ended before beat ${beat} was ${state}`);
        for (const line of value.split('\n'))
          if (line.startsWith('data: ')) shown.push(JSON.parse(line.slice(6)));
      }
    };
    await rehearsal.prints('[Enter] begin');
    rehearsal.type('\n');
    await until(0, 'after');
    expect(shown[0]).toMatchObject({ startedAt: null, beat: 0 });
    await rehearsal.prints('[Enter] next: Phase 0');
    rehearsal.type('\n');
    await until(1, 'before');
    await rehearsal.prints('[Enter] do it');
    rehearsal.type('\n');
    await until(1, 'running');
    await until(1, 'after');
    await rehearsal.prints('[Enter] next: The only node dies');
    expect(rehearsal.output).not.toContain('Say: ');
    expect(rehearsal.output).not.toContain("Presenter's notes");
    await reader?.cancel();
    rehearsal.type('q\n');
    expect(await rehearsal.ended(), rehearsal.output).toBe(0);
    await expect(fetch(`${address}/talk`)).rejects.toThrow();
    expect(leftovers()).toEqual([]);
  });

  it('cleans up when it is interrupted, while it starts and later', async () => {
    const starting = start();
    await starting.prints('Starting PostgreSQL');
    starting.signal('SIGINT');
    expect(await starting.ended(), starting.output).toBe(130);
    expect(leftovers()).toEqual([]);

    const playing = start('--auto');
    await playing.prints('The load is on.');
    const { processes } = playing;
    playing.signal('SIGTERM');
    // An impatient user.
    await playing.prints('Cleaning up');
    playing.signal('SIGINT');
    expect(await playing.ended(), playing.output).toBe(143);
    expect(leftovers()).toEqual([]);
    for (const process of processes.values()) expect(isRunning(process)).toBe(false);
  });

  it('fails with the app’s last words when the app dies, and cleans up after one that was killed itself', async () => {
    const json = join(temporary, 'dying.json');
    const dying = start('--auto', '--json', json);
    await dying.prints('The load is on.');
    process.kill(dying.processes.get('app')?.pid ?? 0, 'SIGKILL');
    expect(await dying.ended()).toBe(1);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('The app ended unexpectedly')],
    });
    expect(dying.output).toMatch(
      /EVO-921: The app ended unexpectedly \(SIGKILL\)\.[\s\S]*"listening"[\s\S]*Next: /,
    );
    const [kept = ''] = leftovers();
    expect(readdirSync(join(temporary, kept)).sort()).toEqual(['app.log', 'postgres.log', 'run.json']);

    const killed = start();
    await killed.prints(`removed ${join(temporary, kept)}`);
    await killed.prints('The page: ');
    const { processes } = killed;
    killed.signal('SIGKILL');
    await killed.ended();
    for (const process of processes.values()) expect(isRunning(process)).toBe(true);

    const next = start();
    await next.prints('Cleaned up after an earlier rehearsal: ended PostgreSQL');
    await next.prints('The page: ');
    for (const process of processes.values()) expect(isRunning(process)).toBe(false);
    next.signal('SIGINT');
    expect(await next.ended()).toBe(130);
    expect(leftovers()).toEqual([]);
  });

  it('refuses what it cannot do before it starts anything', async () => {
    for (const [option, value, answer] of [
      ['--spike-rps', '9999', 'It must be a whole number from 1 to 500.'],
      ['--port', 'http', 'It must be a whole number from 1 to 65535.'],
      ['--database', 'oracle', 'Allowed choices are postgres, cockroach.'],
      ['--json', temporary, `EVO-944: ${temporary} cannot be written: it is not a file.\nNext: `],
    ] as const) {
      const rehearsal = start(option, value);
      expect(await rehearsal.ended()).toBe(1);
      expect(rehearsal.output).toContain(answer);
    }
    expect(leftovers()).toEqual([]);
  });
});
