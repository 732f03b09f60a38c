import type { ControlState, Snapshot } from '../src/contract.ts';
import { toRow } from '../src/live/series.ts';
import { setUpCharts, setUpStageCharts, setUpWindows } from './charts.ts';
import { setUpClosing } from './closing.ts';
import { setUpCommander } from './commander.ts';
import { byId, setText } from './common/dom.ts';
import { connect } from './connection.ts';
import { SWITCH_KEYS, setUpLoadControls } from './controls.ts';
import { setUpKeyboard } from './keyboard.ts';
import { SWITCHES } from './load-switches.ts';
import { setUpMarkList } from './mark-list.ts';
import { MarkStore, marksBetween } from './marks.ts';
import { setUpMetrics } from './metrics.ts';
import { setUpNoteForm } from './note-form.ts';
import { setUpPlayback } from './playback.ts';
import { sentenceOf } from './sentence.ts';
import { setUpSpikeForm } from './spike-form.ts';
import { setUpStage } from './stage.ts';
import { type Link, statusOf } from './status.ts';
import { setUpStatusLine } from './status-line.ts';
import { RowStore, rowsOf, timeOf } from './store.ts';
import { Colours, setUpTheme } from './theme.ts';
import { setUpToken } from './token.ts';
import { setUpTopology } from './topology/draw.ts';
import { columnsBetween, WINDOW_MINUTES } from './window.ts';

const rows = new RowStore();
const marks = new MarkStore();
let link: Link = 'connecting';
let latest: Snapshot | null = null;
/** What a command was just answered with: newer than the latest snapshot, until the next one comes. */
let answered: ControlState | null = null;
/** By the page's own clock, when the latest snapshot came. */
let receivedAt: number | null = null;
/** Whether a drawing is waiting for its frame. */
let scheduled = false;

const age = () => (receivedAt === null ? null : performance.now() - receivedAt);
const answers = () =>
  latest === null || latest.paths.writer.silentMs === 0 || latest.paths.reader.silentMs === 0;
const status = () => statusOf(link, age(), answers(), playback.current);

const connection = connect({
  onLink(next) {
    link = next;
    schedule();
  },
  onHistory(history) {
    if (history.playback === undefined) {
      marks.merge(history.marks, timeOf(rows.rows.at(-1)));
      rows.merge(rowsOf(history));
    } else {
      // A player goes back and forth: what it says is all there is.
      marks.replace(history.marks);
      rows.replace(rowsOf(history));
      playback.show(history.playback);
    }
    if (history.latest !== null) receive(history.latest);
    spikeForm.setLimits(history.limits);
    void token.onConnected(history.needsToken);
    schedule();
  },
  onSnapshot(snapshot) {
    receive(snapshot);
    rows.push(toRow(snapshot));
    schedule();
  },
  onMark(mark) {
    marks.upsert(mark);
    schedule();
  },
  onPlayback(now) {
    playback.show(now);
    schedule();
  },
});
const playback = setUpPlayback(connection.play);

function receive(snapshot: Snapshot): void {
  latest = snapshot;
  answered = null;
  receivedAt = performance.now();
}

const colours = new Colours();
const charts = { full: setUpCharts(colours), stage: setUpStageCharts(colours) };
const theme = setUpTheme(() => {
  colours.forget();
  charts.full.redraw();
  charts.stage.redraw();
});
const stage = setUpStage(schedule);
const topology = setUpTopology();
const closing = setUpClosing();
const windows = setUpWindows(schedule);
const statusLine = setUpStatusLine();
const markList = setUpMarkList(marks);
const token = setUpToken(connection.authorize, schedule);
const obstacle = () => {
  if (playback.current !== null) return 'This is a recording: it takes no commands.';
  if (link !== 'connected') return 'Not connected: no command can be sent.';
  return token.locked ? 'Locked: enter the control token first.' : null;
};
const commander = setUpCommander({
  command: connection.command,
  obstacle,
  onState(state) {
    answered = state;
    schedule();
  },
  onTokenRequired: token.ask,
});
const metrics = setUpMetrics(commander);
const load = setUpLoadControls(commander);
const spikeForm = setUpSpikeForm(commander);
const noteForm = setUpNoteForm(commander);

setUpKeyboard([
  ...SWITCHES.map((name) => ({
    key: SWITCH_KEYS[name],
    does: name === 'load' ? 'Start or stop all load' : `Start or stop ${name}`,
    run: () => load.toggle(name, (answered ?? latest)?.load ?? null),
  })),
  { key: 's', does: 'Start the spike as set up', run: spikeForm.start },
  { key: 'x', does: 'Stop the spike', run: spikeForm.stop },
  { key: 'n', does: 'Write a note on the timeline', run: noteForm.focus },
  ...WINDOW_MINUTES.map((minutes, i) => ({
    key: String(i + 1),
    does: `Show ${minutes} min`,
    run: () => windows.choose(i),
  })),
  { key: 'g', does: 'Reset the longest gap', run: metrics.restartGap },
  { key: 'c', does: 'Show or hide the closing card', run: toggleClosing, opens: 'closing' },
  { key: 'p', does: 'Stage mode: large, for the last row', run: stage.toggle },
  { key: 'k', does: 'Recording: pause, resume', run: playback.pause },
  { key: 'j', does: 'Recording: back ten seconds', run: playback.back },
  { key: ',', does: 'Recording: slower', run: playback.slower },
  { key: '.', does: 'Recording: faster', run: playback.faster },
  { key: 't', does: 'Theme: auto, light, dark', run: theme.next },
]);

function toggleClosing(): void {
  closing.toggle();
  schedule();
}

/** At most one drawing a frame; a hidden page gets no frames, so it draws nothing until it is seen again. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

function draw(): void {
  const now = serverNow();
  windows.suggest(now - timeOf(rows.rows[0] ?? [now]));
  const from = now - windows.ms;
  const control = answered ?? latest;
  const usable = obstacle() === null;
  statusLine.update(status());
  const { text, level } = sentenceOf(latest, status());
  byId('sentence').dataset.level = level;
  // A value and its unit stay on one line.
  setText(byId('sentence'), text.replace(/(\d) (?=m?s\b)/g, '$1\u00a0'));
  topology.update(latest);
  closing.update(latest);
  setText(byId('phase'), control?.phase ?? 'no phase yet');
  metrics.update(latest, usable);
  load.update(control?.load ?? null, usable);
  spikeForm.update(control?.spike ?? null, usable);
  noteForm.update(usable);
  commander.update();
  charts[stage.on ? 'stage' : 'full'].update(
    {
      from,
      to: now,
      known: latest?.at ?? now,
      columns: columnsBetween(rows.rows, from, now),
      latest: rows.rows.at(-1) ?? null,
      marks: marksBetween(marks.marks, from, now),
    },
    marks.marks,
  );
  markList.update();
}

/** Whether the values are current. */
function isCurrent(): boolean {
  return ['live', 'away', 'recording'].includes(status().state);
}

/** The time of the latest data. When no more data arrives, time continues, and the charts show the gap. */
function serverNow(): number {
  const last = latest?.at ?? Date.now();
  return isCurrent() ? last : last + Math.floor((age() ?? 0) / 1000) * 1000;
}

// While snapshots come they draw the page; without them the age of the values must still show.
setInterval(() => {
  if (!isCurrent()) schedule();
}, 1000);
