import { once } from 'node:events';
import type { Terminal } from '../../ui/terminal.ts';
import { withCluster } from '../cluster/inspect.ts';
import type { Target } from '../phase/settings.ts';
import { announceNoRecording, announceRecording, record } from './record.ts';

export interface ClusterRecording {
  /** Ends the recording, and says how to play it, or why there is none. Returns its file, or null. Never rejects. */
  stop(): Promise<string | null>;
}

/**
 * Records what the page of a cluster is sent from now on. Nothing waits for the recording or fails without it: the step is what matters.
 */
export function recordCluster(
  target: Target,
  file: string,
  terminal: Terminal,
  open: typeof withCluster = withCluster,
): ClusterRecording {
  const over = new AbortController();
  const recorded = open(target, async ({ app, run }) => {
    const found = await app();
    if (found === null) throw new Error('the app has no pod');
    const recording = await record(() => found.recording(), file);
    const ends = AbortSignal.any([over.signal, run.signal]);
    if (!ends.aborted) await once(ends, 'abort');
    return recording.stop();
  });
  const told = recorded.then(
    (problem) => {
      announceRecording(terminal, file, problem);
      return file;
    },
    (error: Error) => {
      announceNoRecording(terminal, error);
      return null;
    },
  );
  return {
    stop() {
      over.abort();
      return told;
    },
  };
}
