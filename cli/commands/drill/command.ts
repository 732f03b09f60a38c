import { join, relative } from 'node:path';
import { Argument, type Command } from 'commander';
import { findings } from '../../lib/cluster/findings.ts';
import { inspectForVerdict, withCluster } from '../../lib/cluster/inspect.ts';
import { type ClusterNow, isSeen } from '../../lib/cluster/types.ts';
import { cliError } from '../../lib/errors.ts';
import { readPhases } from '../../lib/phase/settings.ts';
import { PROJECT } from '../../lib/program/evaluate.ts';
import { chooseTarget } from '../../lib/pulumi/choose.ts';
import { recordCluster } from '../../lib/recording/record-cluster.ts';
import { showCard } from '../../lib/report/closing.ts';
import { watchCluster } from '../../lib/step/watch.ts';
import { wholeNumber } from '../../ui/arguments.ts';
import { confirm } from '../../ui/confirm.ts';
import { printJson, terminalFor } from '../../ui/output.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { runCommand } from '../run-command.ts';
import { exercise, untilWell } from './exercise.ts';
import { deathOf, type Kept, keep, lastOutage, reportName } from './kept.ts';
import { KINDS, type Kind, planDrill } from './kinds.ts';
import { drillPage } from './page.ts';
import { publishedFor } from './published.ts';
import { refusal } from './refusal.ts';
import { harm, markdown, showPlan, showResults } from './show.ts';

/** CockroachDB declares a node dead after 5 minutes. */
const seconds = wholeNumber(5, 280, ': after 5 minutes CockroachDB takes a node for dead');
const REPORTS = join(PROJECT, 'reports');

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
      'take a node away under load, on three voting copies, and measure; `outage` takes the only node of phase 0, on purpose',
    )
    .addArgument(new Argument('<kind>', 'what happens to the node').choices(KINDS))
    .argument('[phase]', 'whose settings say where; by default the one whose stack owns the cluster')
    .option('--pod <name>', 'the pod that it happens to; by default the last one')
    .option('--seconds <number>', 'with node-loss: how long the node stays away', seconds, 30)
    .option('--yes', 'do not ask')
    .option('--json', 'the results as JSON')
    .option('--no-color', 'plain text')
    .action((kind: Kind, phase: string | undefined, flags: Flags) => {
      const terminal = terminalFor(flags);
      const interrupted = {
        state: 'What the drill had taken away was given back',
        command: 'npm run check',
      };
      return runCommand({ json: flags.json, interrupted }, () => run(kind, phase, flags, terminal));
    });
}

async function run(kind: Kind, phase: string | undefined, flags: Flags, terminal: Terminal): Promise<number> {
  const target = await chooseTarget(phase, 'drill', terminal);
  const phases = readPhases();
  const now = await inspectForVerdict(target, (line) => terminal.quiet(line));
  const refused = refusal(kind, now, findings(now, target), target, phases);
  if (refused !== null) throw refused;
  const plan = planDrill(kind, choosePod(now, kind, flags.pod), target, flags.seconds);
  showPlan(terminal, plan);
  const question = kind === 'outage' ? '\nMake this outage?' : '\nDo it?';
  if (!flags.yes && !(await confirm(question, `npm run drill -- ${kind}`)))
    throw cliError('EVO-704', { command: 'npm run status' });

  const startedAt = new Date().toISOString();
  const say = (line: string) => (line.startsWith('$ ') ? terminal.line(line) : terminal.quiet(line));
  const name = reportName(kind, startedAt);
  const watching = new AbortController();
  // Its connections are closed by themselves; nothing here waits for a look that hangs.
  void watchCluster(target, () => {}, watching.signal);
  const recording = recordCluster(
    target,
    `${relative(process.cwd(), REPORTS) || '.'}/${name}.ndjson`,
    terminal,
  );
  const { results, stretch, cluster, evolution } = await withCluster(
    target,
    (clients) => exercise(plan, target, phases, clients, terminal),
    say,
  ).finally(() => {
    watching.abort();
    return recording.stop();
  });
  const kept: Kept = { kind, pod: plan.pod, startedAt, cluster, nodes: target.nodes, figures: results };
  const before = kind === 'outage' ? null : lastOutage(REPORTS, cluster);
  const deaths = deathsOf(kept, before);
  const published = publishedFor(kind);
  keep(REPORTS, name, {
    json: `${JSON.stringify({ ...kept, outage: before, published }, null, 2)}\n`,
    md: markdown(plan, startedAt, results, deaths),
    html: drillPage(plan, startedAt, results, stretch, deaths),
  });
  const report = `reports/${name}`;
  if (flags.json) printJson({ ...plan, startedAt, figures: results, outage: before, published, report });
  else showResults(terminal, kind, results);
  const problems = harm(results);
  // The JSON says it all, and is all that is written.
  if (flags.json) return problems.length > 0 ? 1 : 0;
  if (problems.length > 0) throw cliError('EVO-735', { problems: problems.join('; '), report });
  terminal.good(`\nNo acknowledged write was lost. Kept in ${report}.html, .md and .json`);
  if (before !== null || evolution !== null) showCard({ evolution, deaths }, terminal);
  if (kind === 'outage') await withCluster(target, (clients) => untilWell(target, clients), say);
  return 0;
}

const deathsOf = (kept: Kept, before: Kept | null) =>
  (before === null ? [kept] : [before, kept]).map(deathOf);

/** The last one: the first holds the backups of a laptop's demo. */
function choosePod({ nodes }: ClusterNow, kind: Kind, asked: string | undefined): string {
  const pods = isSeen(nodes) ? nodes.pods.map(({ name }) => name) : [];
  const last = pods.at(-1) ?? '';
  if (asked !== undefined && !pods.includes(asked))
    throw cliError('EVO-736', { pod: asked, pods: pods.join(', '), kind, last });
  return asked ?? last;
}
