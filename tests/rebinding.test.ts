import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './support/chromium.ts';
import { SampleApp, settings, startDatabase, type TestDatabase } from './support/sample-app.ts';

if (CHROMIUM === undefined) {
  console.warn('SKIPPED: tests/rebinding.test.ts needs Chromium. Install it, or name it in CHROMIUM.');
}

/** A name whose owner lets it resolve to the presenter's own machine. */
const NAME = 'rebound.example';

describe.skipIf(CHROMIUM === undefined)('a page under a foreign name that resolves to this machine', () => {
  let test: TestDatabase;
  let browser: Browser;
  let app: SampleApp;
  let page: Page;

  beforeAll(async () => {
    test = await startDatabase();
    browser = await chromium.launch({
      executablePath: CHROMIUM as string,
      args: [...CHROMIUM_ARGUMENTS, `--host-resolver-rules=MAP ${NAME} 127.0.0.1`],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await test?.remove();
  });
  afterEach(async () => {
    await page?.close();
    await app?.stop();
  });

  /** What a script of such a page gets: for the browser it is of the same site as the app. */
  async function asked(name: string, environment: Record<string, string> = {}) {
    app = await SampleApp.start(settings(test, environment));
    page = await browser.newPage();
    const origin = `http://${name}:${new URL(app.url).port}`;
    await page.goto(`${origin}/healthz`);
    return page.evaluate(async (host) => {
      const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      const status = async (path: string, init: RequestInit = {}) => {
        // Some answers do not end by themselves.
        const over = new AbortController();
        const answer = await fetch(path, { ...init, signal: over.signal });
        over.abort();
        return answer.status;
      };
      const socket = new WebSocket(`ws://${host}/hub`);
      const hub = await new Promise<boolean>((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
      return {
        command: await status('/commands/start-load', post),
        spike: await status('/spike', post),
        negotiation: await status('/hub/negotiate?negotiateVersion=1', post),
        hub,
        history: await status('/history'),
        recording: await status('/recording'),
        health: await status('/healthz'),
      };
    }, new URL(origin).host);
  }

  const NOTHING = {
    command: 403,
    spike: 403,
    negotiation: 403,
    hub: false,
    history: 403,
    recording: 403,
    health: 200,
  };
  const EVERYTHING = {
    command: 200,
    spike: 202,
    negotiation: 200,
    hub: true,
    history: 200,
    recording: 200,
    health: 200,
  };

  it('commands nothing and watches nothing, on loopback', async () => {
    expect(await asked(NAME)).toEqual(NOTHING);
    const metrics = await app.metrics();
    expect(metrics).toMatch(/^spike_target_rps 0$/m);
    expect(metrics).not.toContain('route="/search"');
  });

  it('nor does it on every address, while there is no token', async () => {
    expect(await asked(NAME, { APP_HOST: '0.0.0.0' })).toEqual(NOTHING);
  });

  it('nor with a token, where only this machine should reach the app', async () => {
    expect(await asked(NAME, { APP_CONTROL_TOKEN: 'secret' })).toEqual(NOTHING);
  });

  it.each(['localhost', '127.0.0.1'])('while one of %s may do both', async (name) => {
    expect(await asked(name)).toEqual(EVERYTHING);
  });

  it('and so may one of a name that the app was told', async () => {
    expect(await asked(NAME, { APP_ALLOWED_HOSTS: `other.example, ${NAME}` })).toEqual(EVERYTHING);
  });
});
