const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Presenter's notes</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/script.js"></script>
</head>
<body>
<header>
<p class="clock"><b id="elapsed">0:00</b> <span id="planned"></span></p>
<p id="pace">Enter in the terminal begins the talk, and this clock.</p>
<p id="wall"></p>
</header>
<main>
<h1 id="title"></h1>
<p id="state" role="status"></p>
<section><h2>Say</h2><ul id="say"></ul></section>
<aside>
<section id="type"><h2>On a cluster, type</h2><ul id="commands"></ul></section>
<section><h2>Look at</h2><ul id="look"></ul></section>
<p id="news" role="status"></p>
</aside>
</main>
<footer><p id="next"></p></footer>
</body>
</html>
`;

const STYLE = `:root { color-scheme: light dark; --text: #14181f; --quiet: #4a5363; --ground: #fff; --line: #c3cad6; --accent: #0a5bc4; --late: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #f1f4f9; --quiet: #aab4c5; --ground: #10141b; --line: #39424f; --accent: #7db3ff; --late: #ff9c93; } }
* { box-sizing: border-box; margin: 0; }
body { height: 100vh; display: grid; grid-template-rows: auto 1fr auto; background: var(--ground); color: var(--text); font: 22px/1.4 system-ui, sans-serif; }
header, footer { display: flex; flex-wrap: wrap; gap: 0 40px; align-items: baseline; justify-content: space-between; padding: 12px 28px; }
header { border-bottom: 1px solid var(--line); }
footer { border-top: 1px solid var(--line); color: var(--quiet); }
.clock b { font-size: 56px; line-height: 1; font-variant-numeric: tabular-nums; }
#planned, #wall, #state { color: var(--quiet); font-variant-numeric: tabular-nums; }
#news { font-weight: 650; }
.late { color: var(--late); font-weight: 650; }
main { display: grid; grid-template-columns: 3fr 2fr; grid-template-rows: auto auto 1fr; gap: 4px 40px; padding: 16px 28px; align-content: start; overflow: auto; }
h1 { grid-column: 1 / -1; font-size: clamp(30px, 3.1vw, 44px); line-height: 1.15; }
#state { grid-column: 1 / -1; margin-bottom: 12px; }
h2 { font-size: 20px; color: var(--quiet); font-weight: 650; }
ul { padding: 0; list-style: none; }
li { margin: 0 0 14px; }
#say li { font-size: clamp(23px, 2.35vw, 34px); line-height: 1.35; }
aside { display: grid; gap: 12px; align-content: start; }
code { font: 650 22px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; color: var(--accent); overflow-wrap: anywhere; }
kbd { font: inherit; font-weight: 650; border: 1px solid var(--line); border-radius: 6px; padding: 0 10px; }
@media (max-width: 900px) { main { grid-template-columns: 1fr; } }
`;

/** Runs in the browser. It only reads: the keys are the terminal's. */
const SCRIPT = `const byId = (id) => document.getElementById(id);
const clock = (seconds) => Math.floor(seconds / 60) + ':' + String(Math.floor(seconds % 60)).padStart(2, '0');
const item = (child) => { const li = document.createElement('li'); li.append(child); return li; };
const tagged = (tag, text) => { const part = document.createElement(tag); part.textContent = text; return part; };
const STATES = { running: 'In progress.', after: 'Done. Enter in the terminal continues.' };
const talk = await (await fetch('/talk')).json();
let shown = null;

function draw() {
  const beat = talk.beats[shown.beat];
  byId('title').textContent = (shown.beat + 1) + '/' + talk.beats.length + ' ' + beat.title;
  byId('state').textContent = shown.startedAt === null ? 'Not begun.'
    : beat.acts ? STATES[shown.state] ?? 'Enter in the terminal does it.'
    : 'Nothing to do here. Enter in the terminal continues.';
  byId('say').replaceChildren(...beat.say.map((text) => item(text)));
  byId('look').replaceChildren(...beat.lookAt.map((text) => item(text)));
  const commands = beat.commands.map((text) => item(tagged('code', text)));
  if (beat.key !== null) { const li = item('key '); li.append(tagged('kbd', beat.key), ' on the page'); commands.push(li); }
  byId('commands').replaceChildren(...commands);
  byId('type').hidden = commands.length === 0;
  byId('news').textContent = shown.news;
  byId('news').className = / again,/.test(shown.news) ? '' : 'late';
  const next = talk.beats[shown.beat + 1];
  byId('next').textContent = next === undefined ? 'The last beat.' : 'Next, at ' + clock(next.at) + ': ' + next.title
    + (next.commands.length === 0 ? '' : ' (' + next.commands.join('; ') + ')');
}

function tick() {
  byId('wall').textContent = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  byId('planned').textContent = 'of ' + clock(talk.seconds);
  if (shown === null || shown.startedAt === null) return;
  const elapsed = Math.max(0, (Date.now() - shown.startedAt) / 1000);
  byId('elapsed').textContent = clock(elapsed);
  const begins = talk.beats[shown.beat].at;
  const ends = talk.beats[shown.beat + 1]?.at ?? talk.seconds;
  const late = elapsed > ends;
  const pace = byId('pace');
  const text = late ? clock(elapsed - ends) + ' behind'
    : elapsed < begins ? clock(begins - elapsed) + ' ahead'
    : clock(ends - elapsed) + ' left for this beat';
  if (pace.textContent !== text) pace.textContent = text;
  pace.className = late ? 'late' : '';
}

const live = new EventSource('/live');
live.onmessage = ({ data }) => { shown = JSON.parse(data); draw(); tick(); };
live.onerror = () => { byId('news').textContent = 'The rehearsal does not answer: these notes may be old.'; };
tick();
setInterval(tick, 250);
`;

/** What the presenter's page is made of, by its path. */
export const FILES: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/': { type: 'text/html', text: HTML },
  '/style.css': { type: 'text/css', text: STYLE },
  '/script.js': { type: 'text/javascript', text: SCRIPT },
};
