import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../app/src/contract.ts';
import { SEED, seeded } from '../support/random.ts';
import { type Fault, faultsOf } from './faults.ts';
import { figures } from './figures.ts';
import { type Episode, judge, type Verdict } from './judge.ts';
import { RequestStream } from './load.ts';
import { Stage } from './stage.ts';

/** At least this long, and at least once through all faults. */
const SECONDS = Number(process.env.FAULTS_SECONDS ?? 60);
const RPS = Number(process.env.FAULTS_RPS ?? 300);
const RECOVERY_MS = 2000;
const MEGABYTE = 1024 * 1024;

/** A request may take five seconds and a little, so as many may be under way; each holds a socket. */
const MOST_SOCKETS = RPS * 6 + 200;
const MOST_MEMORY = 350 * MEGABYTE;

describe.skipIf(process.platform !== 'linux')(
  `the app under ${RPS} requests a second and mixed faults`,
  () => {
    const random = seeded(SEED);
    const memory: number[] = [];
    const sockets: number[] = [];
    let stage: Stage;
    let stream: RequestStream;
    let verdicts: Verdict[];

    beforeAll(
      async () => {
        stage = await Stage.set(random, { smallDisk: true });
        stream = new RequestStream(stage.url, { login: RPS * 0.2, search: RPS * 0.8, readyz: 10 });
        const meter = setInterval(() => {
          if (!stage.app.runs) return;
          memory.push(stage.app.memory);
          sockets.push(stage.app.sockets);
        }, 250);
        await sleep(5000);
        const episodes = await runFaults();
        stream.stop();
        while (stream.underWay > 0) await sleep(50);
        clearInterval(meter);
        verdicts = episodes.map((episode) => judge(episode, stream.answers));
      },
      SECONDS * 1000 + 400_000,
    );
    afterAll(async () => {
      report();
      await stage?.strike();
    });

    async function runFaults(): Promise<Episode[]> {
      const episodes: Episode[] = [];
      const all = faultsOf(stage);
      const end = performance.now() + SECONDS * 1000;
      while (performance.now() < end) {
        for (const fault of random.shuffled(all)) {
          if (!stage.app.runs || (episodes.length >= all.length && performance.now() >= end)) break;
          episodes.push(await runFault(fault));
        }
        if (!stage.app.runs) break;
      }
      return episodes;
    }

    async function runFault(fault: Fault): Promise<Episode> {
      const beginsAt = performance.now();
      await fault.begin(stage);
      const begunAt = performance.now();
      await sleep(2000 + random.below(4000));
      const endsAt = performance.now();
      await fault.end(stage);
      const endedAt = performance.now();
      await sleep(4500 + random.below(1000));
      return { ...fault, beginsAt, begunAt, endsAt, endedAt, until: performance.now() };
    }

    const witness = async () => ((await (await fetch(`${stage.url}/report`)).json()) as Report).witness;

    it('does not crash', () => {
      expect(stage.app.runs, stage.app.output.slice(-3000)).toBe(true);
    });

    it('gets all the requests that the rate says, and answers each', () => {
      expect(stream.answers.filter(({ status }) => status === 0)).toEqual([]);
      expect(stream.answers.filter(({ status }) => ![200, 201, 503].includes(status))).toEqual([]);
    });

    it(`recovers from every fault within ${RECOVERY_MS} ms of its end`, () => {
      expect(verdicts.filter(({ recoveryMs }) => !(recoveryMs <= RECOVERY_MS))).toEqual([]);
    });

    it('is ready when the database is there, not ready when it is away, and fails nothing over credentials and clocks', () => {
      expect(verdicts.flatMap(({ wrong }) => wrong)).toEqual([]);
    });

    it('keeps memory and sockets bounded', () => {
      expect(Math.max(...memory)).toBeLessThan(MOST_MEMORY);
      expect(Math.max(...sockets)).toBeLessThan(MOST_SOCKETS);
    });

    it('loses nothing that it acknowledged, by its own witness and by a look into the table', async () => {
      await expect.poll(async () => (await witness()).unconfirmed, { timeout: 25_000 }).toBeLessThan(20);
      expect(await witness()).toMatchObject({ lost: 0, duplicated: 0, stale: 0 });
      const rows = await stage.admin('SELECT id::TEXT AS id FROM login_events');
      const stored = new Set(rows.map(({ id }) => id));
      expect(stream.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
      expect(stored.size).toBe(rows.length);
    });

    it('lets go of the sockets that the faults left behind', async () => {
      // Two pools of ten, the listener, and what this test and the event loop hold.
      await expect.poll(() => stage.app.sockets, { timeout: 90_000, interval: 500 }).toBeLessThan(100);
    }, 100_000);

    it('ends with exit code 0 when it is told to', async () => {
      expect(await stage.app.stop()).toBe(0);
    });

    function report(): void {
      if (verdicts === undefined) return;
      figures('faults', {
        command: `FAULTS_SECONDS=${SECONDS} FAULTS_RPS=${RPS} FAULTS_SEED=${SEED} npm run test:faults -- under-load`,
        seconds: Math.round(((stream.answers.at(-1)?.doneAt ?? 0) - (stream.answers[0]?.sentAt ?? 0)) / 1000),
        requests: stream.answers.filter(({ kind }) => kind !== 'readyz').length,
        failed: verdicts.reduce((sum, verdict) => sum + verdict.failed, 0),
        'acknowledged logins': stream.acknowledged.length,
        faults: verdicts.length,
        'longest recovery, ms': Math.round(Math.max(...verdicts.map(({ recoveryMs }) => recoveryMs))),
        'most memory, MiB': Math.round(Math.max(...memory) / MEGABYTE),
        'most sockets': Math.max(...sockets),
        'answers of /readyz': stream.answers.filter(({ kind }) => kind === 'readyz').length,
      });
      const rows = [...new Set(verdicts.map(({ name }) => name))].map((name) => {
        const all = verdicts.filter((verdict) => verdict.name === name);
        const recoveries = all.map(({ recoveryMs }) => Math.round(recoveryMs));
        const sum = (of: (verdict: Verdict) => number) => all.reduce((total, v) => total + of(v), 0);
        return `| ${name} | ${all.length} | ${sum((v) => v.seconds).toFixed(0)} | ${sum((v) => v.sent)} | ${sum((v) => v.failed)} | ${Math.max(...recoveries)} |`;
      });
      console.log(
        [
          '| fault | times | seconds | requests | failed | longest recovery, ms |',
          '|---|--:|--:|--:|--:|--:|',
          ...rows,
        ].join('\n'),
      );
    }
  },
);
