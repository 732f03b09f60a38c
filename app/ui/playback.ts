import type { Playback } from '../src/contract.ts';
import { byId, setText } from './common/dom.ts';

/** How fast a recording may be played, as the player has it. */
const SPEEDS = [0.5, 1, 2, 4, 8, 16];

const BACK_MS = 10_000;

export interface PlaybackWish {
  readonly paused?: boolean;
  readonly speed?: number;
  readonly positionMs?: number;
}

/** `2:05` */
export function formatPosition(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** What the file is called, without what it is. */
export function titleOf(name: string): string {
  return name.replace(/\.ndjson(\.gz)?$/, '');
}

/** The next speed in a direction; the same at the end. */
export function nextSpeed(speed: number, direction: -1 | 1): number {
  const index = SPEEDS.findIndex((known) => known >= speed);
  return SPEEDS[Math.min(Math.max(0, index + direction), SPEEDS.length - 1)] ?? speed;
}

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

export interface PlaybackBar {
  readonly current: Playback | null;
  show: (playback: Playback) => void;
  pause: () => void;
  back: () => void;
  slower: () => void;
  faster: () => void;
}

/** Says that a recording is played, of when, and has what moves in it. */
export function setUpPlayback(play: (wish: PlaybackWish) => Promise<Playback>): PlaybackBar {
  const position = byId<HTMLInputElement>('playback-position');
  let current: Playback | null = null;
  /** The slider is being moved: it must not be moved by anybody else. */
  let held = false;
  const show = (playback: Playback) => {
    current = playback;
    const { durationMs, positionMs, paused, speed, recordedAt, name } = playback;
    byId('playback').hidden = false;
    document.body.dataset.recording = 'true';
    setText(byId('playback-when'), `${titleOf(name)}, ${when.format(recordedAt)}`);
    byId('playback-pause').firstChild?.replaceWith(paused ? 'Play ' : 'Pause ');
    position.max = String(Math.ceil(durationMs / 1000));
    if (!held) position.value = String(Math.round(positionMs / 1000));
    position.setAttribute('aria-valuetext', formatPosition(positionMs));
    const pace = paused ? 'paused' : speed === 1 ? '' : `${speed}×`;
    setText(
      byId('playback-state'),
      [`${formatPosition(positionMs)} of ${formatPosition(durationMs)}`, pace].filter(Boolean).join(', '),
    );
  };
  const wish = (wanted: PlaybackWish) => {
    if (current === null) return;
    // What the player says next is shown, whether this was heard or not.
    play(wanted).then(show, () => {});
  };
  const bar: PlaybackBar = {
    get current() {
      return current;
    },
    show,
    pause: () => wish({ paused: !(current?.paused ?? false) }),
    back: () => wish({ positionMs: Math.max(0, (current?.positionMs ?? 0) - BACK_MS) }),
    slower: () => wish({ speed: nextSpeed(current?.speed ?? 1, -1) }),
    faster: () => wish({ speed: nextSpeed(current?.speed ?? 1, 1) }),
  };
  byId('playback-pause').addEventListener('click', bar.pause);
  byId('playback-back').addEventListener('click', bar.back);
  byId('playback-slower').addEventListener('click', bar.slower);
  byId('playback-faster').addEventListener('click', bar.faster);
  position.addEventListener('input', () => {
    held = true;
  });
  position.addEventListener('change', () => {
    held = false;
    wish({ positionMs: Number(position.value) * 1000 });
  });
  return bar;
}
