import { once } from 'node:events';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import type { PageMethods } from '../../../app/src/contract.ts';
import { knownHosts } from '../../../app/src/hosts.ts';
import { knownHostOnly } from '../../../app/src/http/known-host-only.ts';
import { pageRoutes } from '../../../app/src/http/page.ts';
import { pageSecurity } from '../../../app/src/http/security-headers.ts';
import { Hub, HubError } from '../../../app/src/hub/hub.ts';
import { mountHub } from '../../../app/src/hub/websocket.ts';
import { APP } from '../../lib/machine/paths.ts';
import { HOST } from '../../lib/machine/ports.ts';
import type { Recorded } from '../../lib/recording/recording.ts';
import { Player, SPEEDS } from './player.ts';

/** Short enough to play at 16 times the speed. Milliseconds. */
const TICK_MS = 50;
const TELL_MS = 500;

const WANTED = z.strictObject({
  paused: z.boolean().optional(),
  speed: z
    .number()
    .refine((speed) => SPEEDS.some((known) => known === speed))
    .optional(),
  positionMs: z.number().min(0).optional(),
});

export interface ReplayServer {
  readonly address: string;
  stop(): Promise<void>;
}

export interface ReplayOptions {
  readonly port: number;
  /** Folder of the built page. @default that of the app */
  readonly folder?: string;
}

/** Serves the page and its hub, without the app and a database: each recorded line is sent when it is due. */
export async function serveRecording(recorded: Recorded, options: ReplayOptions): Promise<ReplayServer> {
  const player = new Player(recorded);
  const tell = () => hub.send('playback', [player.playback]);
  const hub: Hub<PageMethods> = new Hub<PageMethods>({
    methods: {
      History: () => player.history,
      Authorize: () => true,
      Command: () => {
        throw new HubError('recording: This is a recording, so commands do nothing.');
      },
      Play: (_caller, wanted) => {
        const parsed = WANTED.safeParse(wanted);
        if (!parsed.success) throw new HubError(`bad_request: speed must be one of ${SPEEDS.join(', ')}.`);
        player.set(parsed.data);
        tell();
        return player.playback;
      },
    },
  });
  const app = new Hono();
  const isKnownHost = knownHosts({ host: HOST, allowedHosts: [], controlToken: undefined });
  app.use('/', pageSecurity());
  app.use('/', knownHostOnly(isKnownHost));
  app.route('/', pageRoutes(options.folder ?? join(APP, 'ui', 'dist')));
  const server = serve({ fetch: app.fetch, hostname: HOST, port: options.port }) as Server;
  await Promise.race([
    once(server, 'listening'),
    once(server, 'error').then(([error]) => Promise.reject(error)),
  ]);
  mountHub(app, server, hub, '/hub', isKnownHost);
  const timers = [
    setInterval(() => {
      const { paused } = player.playback;
      for (const { call, arg } of player.advance()) {
        if (call === 'snapshot') hub.send('snapshot', [arg], { droppable: true });
        if (call === 'mark') hub.send('mark', [arg]);
      }
      if (player.playback.paused !== paused) tell();
    }, TICK_MS),
    setInterval(tell, TELL_MS),
  ];
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : options.port;
  return {
    address: `http://${HOST}:${port}`,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
