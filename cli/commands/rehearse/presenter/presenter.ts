import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { knownHosts } from '../../../../app/src/hosts.ts';
import { HOST } from '../../../lib/machine/ports.ts';
import { SCRIPT, TALK_SECONDS } from '../script/script.ts';
import { FILES } from './page.ts';

/** Of a beat: the notes are read, it is done, it is over. */
export type BeatState = 'before' | 'running' | 'after';

/** A page for the presenter's own screen. It shows, and takes no orders. */
export interface Presenter {
  /** e.g. `http://127.0.0.1:8081`. */
  readonly address: string;
  /** The talk begins: so does its clock. */
  begin(): void;
  show(beat: number, state: BeatState): void;
  /** Something that the audience sees, too. */
  news(line: string): void;
  stop(): Promise<void>;
}

/** What the page is sent, at each change. Its own clock is that of the same machine. */
interface Shown {
  readonly startedAt: number | null;
  readonly beat: number;
  readonly state: BeatState;
  readonly news: string;
}

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** What never changes, for the page to draw. */
const TALK = JSON.stringify({
  seconds: TALK_SECONDS,
  beats: SCRIPT.map(({ at, title, say, lookAt, commands, key, plays }) => ({
    at,
    title,
    say,
    lookAt,
    commands,
    key: key ?? null,
    acts: plays !== 'nothing',
  })),
});

export async function servePresenter(port: number): Promise<Presenter> {
  let shown: Shown = { startedAt: null, beat: 0, state: 'before', news: '' };
  const readers = new Set<ServerResponse>();
  const message = () => `data: ${JSON.stringify(shown)}\n\n`;
  const change = (over: Partial<Shown>) => {
    shown = { ...shown, ...over };
    for (const reader of readers) reader.write(message());
  };
  const isKnown = knownHosts({ host: HOST, allowedHosts: [], controlToken: undefined });
  const server = createServer(({ method, url = '', headers }, response) => {
    const answer = (status: number, type: string, text: string) => {
      response.writeHead(status, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` });
      response.end(method === 'HEAD' ? undefined : text);
    };
    if (!isKnown(headers.host)) return answer(403, 'text/plain', 'Only for this machine.\n');
    if (method !== 'GET' && method !== 'HEAD') return answer(405, 'text/plain', 'This page is only read.\n');
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname === '/talk') return answer(200, 'application/json', TALK);
    if (pathname === '/live') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
      readers.add(response);
      response.on('close', () => readers.delete(response));
      response.write(message());
      return;
    }
    const file = FILES[pathname];
    return file === undefined
      ? answer(404, 'text/plain', 'There is only the page: /\n')
      : answer(200, file.type, file.text);
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    address: `http://${HOST}:${bound}`,
    begin: () => change({ startedAt: Date.now() }),
    show: (beat, state) => change({ beat, state, ...(beat === shown.beat ? {} : { news: '' }) }),
    news: (line) => change({ news: line }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
