import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { healthy, recordingApp, target } from '../../lib/cluster/cluster.testing.ts';
import { findings } from '../../lib/cluster/findings.ts';
import type { ClusterNow } from '../../lib/cluster/types.ts';
import type { CliError } from '../../lib/errors.ts';
import { freePorts } from '../../lib/machine/ports.ts';
import { Terminal } from '../../ui/terminal.ts';
import { linkWithToken } from './link.ts';
import { type Backstage, type PartName, type StageOptions, stage } from './stage.ts';

const TOKEN = 'sesame/1';

/** What would be in a pod: it answers every address with its own name. */
class Pod {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(name: string): Promise<Pod> {
    const server = createServer((request, response) => {
      if (request.url === '/endless') return void response.write('first');
      response.end(`${name} ${request.url}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const pod = new Pod(server);
    onTestFinished(() => pod.kill());
    return pod;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  kill(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function set(options: Partial<StageOptions> = {}, now: ClusterNow = healthy(), phase = target()) {
  const folder = mkdtempSync(join(tmpdir(), 'stage-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [port = 0, grafanaPort = 0] = await freePorts(2);
  const pods: Record<PartName, Pod | null> = {
    page: await Pod.start('page'),
    grafana: await Pod.start('grafana'),
  };
  const app = recordingApp();
  const opened: { url: string; content: string; mode: number }[] = [];
  const backstage: Backstage = {
    async dial(part) {
      const pod = pods[part];
      if (pod === null) throw new Error('no pod of sample-app is ready');
      const socket = connect(pod.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
    token: async () => TOKEN,
    app: async () => app,
    check: async () => findings(now, phase),
    async open(url) {
      const file = url.startsWith('file:') ? fileURLToPath(url) : null;
      opened.push({
        url,
        content: file === null ? '' : readFileSync(file, 'utf8'),
        mode: file === null ? 0 : statSync(file).mode & 0o777,
      });
      return null;
    },
  };
  let said = '';
  const terminal = new Terminal(false, (text) => {
    said += text;
  });
  const ended = new AbortController();
  const all = { port, grafanaPort, open: true, folder, pace: { well: 50, broken: 50 }, ...options };
  const over = stage(all, phase, backstage, terminal, ended.signal);
  over.catch(() => {});
  const end = () => {
    ended.abort();
    return over;
  };
  onTestFinished(() => end().catch(() => {}));
  const says = (text: RegExp) => expect.poll(() => said, { timeout: 20_000 }).toMatch(text);
  return { ...all, pods, app, backstage, opened, over, end, says, said: () => said };
}

const observed = target({ observability: ['prometheus', 'grafana'] });
const seen = healthy({
  observability: Object.fromEntries(
    observed.observability.map((name) => [name, { name, wanted: 1, ready: 1, restarts: 0 }]),
  ),
});

describe('npm run stage', () => {
  it('opens the ports, tells the app its phase, checks, opens the pages, and is ready', async () => {
    const { port, grafanaPort, opened, end, says, said, folder } = await set({}, seen, observed);
    await says(/^ready$/m);
    expect(said()).toContain(`http://127.0.0.1:${port}/#token=sesame%2F1\n`);
    expect(said()).toMatch(/check: all \d+ parts are as phase2 asks for\./);
    expect(await (await fetch(`http://127.0.0.1:${port}/report`)).text()).toBe('page /report');
    expect(await (await fetch(`http://127.0.0.1:${grafanaPort}/d/x`)).text()).toBe('grafana /d/x');
    // The commands that open a browser can be seen by everybody on this machine; the file only by its owner.
    expect(opened.map(({ url }) => url).join()).not.toMatch(/sesame/);
    expect(opened[0]).toMatchObject({
      mode: 0o600,
      content: expect.stringContaining(linkWithToken(`http://127.0.0.1:${port}/`, TOKEN)),
    });
    expect(opened[1]?.url).toBe(`http://127.0.0.1:${grafanaPort}/d/cockroachdb-evolution`);
    await end();
    expect(readdirSync(folder)).toEqual([]);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it('says when a port-forward broke, and when it is back, with whichever pod there is then', async () => {
    const { port, pods, says, said } = await set({ open: false });
    await says(/^ready$/m);
    // The page's own connection stays open all the time.
    const endless = await fetch(`http://127.0.0.1:${port}/endless`);
    pods.page?.kill();
    pods.page = null;
    await says(/The port-forward to the page broke: (no pod of sample-app is ready|.+)\. Trying again/);
    await expect(endless.text()).rejects.toThrow();
    pods.page = await Pod.start('another page');
    await says(/The port-forward to the page is back, after \d+ s\./);
    expect(await (await fetch(`http://127.0.0.1:${port}/x`)).text()).toBe('another page /x');
    expect(said().match(/broke/g)).toHaveLength(1);
  });

  it('tells the app its phase only when it does not know it', async () => {
    const knows = await set({ open: false });
    await knows.says(/^ready$/m);
    // The recording app begins with phase2.
    expect(knows.app.marks).toEqual([]);
    const anew = await set({ open: false }, healthy(), target({ stack: 'phase1' }));
    await anew.says(/The app was told that this is phase1/);
    expect(anew.app.marks).toEqual(['phase phase1']);
  });

  it('is not ready when a part is not well, says which, and stays open to look at it', async () => {
    const nodes = { ...(seen.nodes as object), wanted: 3, pods: [] } as ClusterNow['nodes'];
    const { port, says, said } = await set({ open: false }, { ...healthy(), nodes });
    await says(/^not ready: see above$/m);
    expect(said()).toMatch(/BAD +nodes/);
    expect(said()).not.toMatch(/^ready$/m);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('refuses a port that is taken, and names one that is not', async () => {
    const taken = await Pod.start('another program');
    const { over } = await set({ port: taken.port });
    const error = (await over.catch((error) => error)) as CliError;
    expect(error.code).toBe('EVO-821');
    expect(error.message).toContain(`Port ${taken.port} of this machine cannot be had for the page`);
    expect(error.next).toMatch(/npm run stage -- --port \d+$/);
  });

  it('says what does not answer, and leaves nothing open', async () => {
    const { pods, backstage, port, folder } = await set({ open: false });
    pods.page = null;
    const [other = 0, grafanaPort = 0] = await freePorts(2);
    const options = { port: other, grafanaPort, open: true, folder };
    const failed = stage(
      options,
      target(),
      backstage,
      new Terminal(false, () => {}),
      new AbortController().signal,
    );
    await expect(failed).rejects.toMatchObject({
      code: 'EVO-822',
      message: 'The stage cannot be set, because the page does not answer: no pod of sample-app is ready',
    });
    await expect(fetch(`http://127.0.0.1:${other}/`)).rejects.toThrow();
    expect(port).not.toBe(other);
  });

  it('says when there is no browser to open, and is ready all the same', async () => {
    const { opened, says, backstage } = await set({ open: true });
    await says(/^ready$/m);
    expect(opened).toHaveLength(1);
    const folder = mkdtempSync(join(tmpdir(), 'stage-test-'));
    const [port = 0, grafanaPort = 0] = await freePorts(2);
    const ended = new AbortController();
    let said = '';
    const terminal = new Terminal(false, (text) => {
      said += text;
    });
    const over = stage(
      { port, grafanaPort, open: true, folder },
      target(),
      { ...backstage, open: async () => 'spawn xdg-open ENOENT' },
      terminal,
      ended.signal,
    );
    await expect
      .poll(() => said)
      .toMatch(/No browser could be opened \(spawn xdg-open ENOENT\)[\s\S]*\nready\n/);
    ended.abort();
    await over;
    expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
