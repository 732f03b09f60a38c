import { HttpTransportType, type HubConnection, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import type { CommandName, ControlState, History, Mark, Playback, Snapshot } from '../src/contract.ts';
import type { Link } from './status.ts';

export interface Listener {
  onLink: (link: Link) => void;
  /** After every connect and reconnect. */
  onHistory: (history: History) => void;
  onSnapshot: (snapshot: Snapshot) => void;
  onMark: (mark: Mark) => void;
  /** Where the player is, when a recording is played. */
  onPlayback: (playback: Playback) => void;
}

export interface Connection {
  authorize: (token: string) => Promise<boolean>;
  command: (name: CommandName, args?: unknown) => Promise<ControlState>;
  play: (wanted: object) => Promise<Playback>;
}

/** The presenter waits for a server that comes back, so the page never gives up, and never waits long. */
const RETRY_MS = 1_500;
/** Snapshots come every second; a connection without any for this long is dead, whatever TCP says. */
const SILENCE_MS = 8_000;

/** Connects to the hub and stays connected. */
export function connect(listener: Listener): Connection {
  const hub = new HubConnectionBuilder()
    .withUrl('/hub', { transport: HttpTransportType.WebSockets, timeout: 5_000 })
    .withAutomaticReconnect({
      nextRetryDelayInMilliseconds: ({ previousRetryCount }) => (previousRetryCount === 0 ? 200 : RETRY_MS),
    })
    .withServerTimeout(SILENCE_MS)
    // The page itself shows what the connection does.
    .configureLogging(LogLevel.None)
    .build();

  hub.on('snapshot', listener.onSnapshot);
  hub.on('mark', listener.onMark);
  let jumps = 0;
  hub.on('playback', async (playback: Playback) => {
    listener.onPlayback(playback);
    if (playback.jumps === jumps) return;
    // What is shown is of another time.
    jumps = playback.jumps;
    await onConnected();
  });

  let wasConnected = false;
  const onConnected = async () => {
    wasConnected = true;
    listener.onLink('connected');
    try {
      const history = await hub.invoke<History>('History');
      jumps = history.playback?.jumps ?? 0;
      listener.onHistory(history);
    } catch {
      // Without its history the page would be misleading, so connect again.
      await hub.stop();
    }
  };
  const start = async () => {
    try {
      await hub.start();
    } catch (error) {
      const full = String(error).includes('hub_full');
      listener.onLink(full ? 'full' : wasConnected ? 'reconnecting' : 'connecting');
      setTimeout(start, RETRY_MS);
      return;
    }
    await onConnected();
  };
  hub.onreconnecting(() => listener.onLink('reconnecting'));
  hub.onreconnected(onConnected);
  // Reconnecting covers a lost connection; one that the server or this page closed is started again from here.
  hub.onclose(() => {
    listener.onLink('reconnecting');
    setTimeout(start, RETRY_MS);
  });
  void start();

  return {
    authorize: (token) => invoke(hub, 'Authorize', token),
    play: (wanted) => invoke(hub, 'Play', wanted),
    command: (name, args) => invoke(hub, 'Command', name, ...(args === undefined ? [] : [args])),
  };
}

async function invoke<T>(hub: HubConnection, method: string, ...args: readonly unknown[]): Promise<T> {
  return hub.invoke<T>(method, ...args);
}

/** A refused call: the server's code (`token_required`), when there is one, and its words. */
export interface Refusal {
  readonly code: string | null;
  readonly message: string;
}

export function refusalOf(error: unknown): Refusal {
  const text = error instanceof Error ? error.message : String(error);
  const coded = /^([a-z][a-z0-9_]*): (.+)$/s.exec(text);
  return coded?.[1] !== undefined && coded[2] !== undefined
    ? { code: coded[1], message: coded[2] }
    : { code: null, message: text };
}
