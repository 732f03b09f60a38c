import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { findings } from '../check/findings.ts';
import { chooseTarget } from '../cluster/choose.ts';
import { type Eyes, inspectForVerdict, lookForVerdict, withCluster } from '../cluster/inspect.ts';
import type { Target } from '../cluster/settings.ts';
import { type ClusterNow, isSeen } from '../cluster/types.ts';
import { confirm } from '../confirm.ts';
import { fault } from '../errors.ts';
import { watchCluster } from '../evolve/watch.ts';
import { PROJECT } from '../program/evaluate.ts';
import { Terminal } from '../rehearse/terminal.ts';
import { recordCluster } from '../replay/record-cluster.ts';
import type { Stretch } from '../report/stretch.ts';
import { verb } from '../verb.ts';
import { drill, labelOf } from './drill.ts';
import type { Figures } from './figures.ts';
import { hands } from './hands.ts';
import { type DrillPlan, KINDS, type Kind, planDrill } from './kinds.ts';
import { drillPage, stretchOfDrill } from './page.ts';
import { PUBLISHED } from './published.ts';
import { refusal } from './refusal.ts';
import { harm, markdown, showFigures, showPlan } from './show.ts';

interface Flags {
  readonly pod?: string;
  readonly seconds: number;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

export function addDrill(program: Command): void {
  program
    .command('drill')
    .description(
      'an exercise, not a part of the evolution: take a node away under load, on three voting copies, and measure',
    )
    .addArgument(new Argument('<kind>', 'what happens to the node').choices(KINDS))
    .argument('[phase]', 'whose settings say where; by default the one whose stack owns the cluster')
    .option('--pod <name>', 'the pod that it happens to; by default the last one')
    .option('--seconds <number>', 'with node-loss: how long the node stays away', seconds, 30)
    .option('--yes', 'do not ask')
    .option('--json', 'the figures as JSON')
    .option('--no-color', 'plain text')
    .action((kind: Kind, phase: string | undefined, flags: Flags) => {
      const terminal = new Terminal(flags.color ? undefined : false, flags.json ? () => {} : undefined);
      const interrupted = {
        state: 'What the drill had taken away was given back',
        command: 'npm run check',
      };
      return verb({ json: flags.json, interrupted }, () => run(kind, phase, flags, terminal));
    });
}

async function run(kind: Kind, phase: string | undefined, flags: Flags, terminal: Terminal): Promise<number> {
  const target = await chooseTarget(phase, 'drill', terminal);
  const now = await inspectForVerdict(target, (line) => terminal.quiet(line));
  const refused = refusal(kind, now, findings(now, target));
  if (refused !== null) throw refused;
  const plan = planDrill(kind, choosePod(now, kind, flags.pod), target, flags.seconds);
  showPlan(terminal, plan);
  if (!flags.yes && !(await confirm('\nDo it?', `npm run drill -- ${kind}`)))
    throw fault('EVO-704', { command: 'npm run status' });

  const startedAt = new Date().toISOString();
  const say = (line: string) => (line.startsWith('$ ') ? terminal.line(line) : terminal.quiet(line));
  const name = `drill-${kind}-${startedAt.replace(/\D/g, '').slice(0, 14)}`;
  const watching = new AbortController();
  // Its connections are closed by themselves; nothing here waits for a look that hangs.
  void watchCluster(target, () => {}, watching.signal);
  const recording = recordCluster(
    target,
    `${relative(process.cwd(), REPORTS) || '.'}/${name}.ndjson`,
    terminal,
  );
  const { figures, stretch } = await withCluster(
    target,
    (eyes) => exercise(plan, target, eyes, terminal),
    say,
  ).finally(() => {
    watching.abort();
    return recording.stop();
  });
  const report = keep(name, plan, startedAt, figures, stretch);
  if (flags.json)
    console.log(JSON.stringify({ ...plan, startedAt, figures, published: PUBLISHED[kind], report }, null, 2));
  else showFigures(terminal, kind, figures);
  const problems = harm(figures);
  // The JSON says it all, and is all that is written.
  if (flags.json) return problems.length > 0 ? 1 : 0;
  if (problems.length > 0) throw fault('EVO-735', { problems: problems.join('; '), report });
  terminal.good(`\nNo acknowledged write was lost. Kept in ${report}.html, .md and .json`);
  return 0;
}

async function exercise(
  plan: DrillPlan,
  target: Target,
  eyes: Eyes,
  terminal: Terminal,
): Promise<{ readonly figures: Figures; readonly stretch: Stretch | null }> {
  // Looked at again: the question may have waited for long.
  const now = await lookForVerdict(target, eyes);
  const refused = refusal(plan.kind, now, findings(now, target));
  if (refused !== null) throw refused;
  const app = await eyes.app();
  if (app === null) throw fault('EVO-732', { problems: 'the app has no pod' });
  const marked = isSeen(now.app) ? now.app.period.phase : null;
  // A drill that was killed could not give the phase its name back.
  const phase = (marked ?? target.stack).replace(/: drill .*$/, '');
  const figures = await drill(plan, app, phase, hands(target, eyes), eyes.run);
  return { figures, stretch: await stretchOfDrill(app, labelOf(plan, phase), terminal) };
}

/** The last one: the first holds the backups of a laptop's demo. */
function choosePod({ nodes }: ClusterNow, kind: Kind, asked: string | undefined): string {
  const pods = isSeen(nodes) ? nodes.pods.map(({ name }) => name) : [];
  const last = pods.at(-1) ?? '';
  if (asked !== undefined && !pods.includes(asked))
    throw fault('EVO-736', { pod: asked, pods: pods.join(', '), kind, last });
  return asked ?? last;
}

const REPORTS = join(PROJECT, 'reports');

/** Writes the figures to `reports/`; `name` has no ending. */
function keep(
  name: string,
  plan: DrillPlan,
  startedAt: string,
  figures: Figures,
  stretch: Stretch | null,
): string {
  mkdirSync(REPORTS, { recursive: true });
  const content = { kind: plan.kind, pod: plan.pod, startedAt, figures, published: PUBLISHED[plan.kind] };
  writeFileSync(join(REPORTS, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
  writeFileSync(join(REPORTS, `${name}.md`), markdown(plan, startedAt, figures));
  writeFileSync(join(REPORTS, `${name}.html`), drillPage(plan, startedAt, figures, stretch));
  return `reports/${name}`;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 5 || value > 280)
    throw new InvalidArgumentError(
      'It must be a whole number from 5 to 280: after 5 minutes CockroachDB takes a node for dead.',
    );
  return value;
}
