import { CommanderError } from 'commander';
import type { Documented } from './documented.ts';
import { isInCluster, type Known } from './known.ts';

/** Why a documented command cannot work, or null. */
export function problemOf(command: Documented, known: Known): string | null {
  const [program = '', ...args] = command.words;
  return byProgram(program, args, command, known) ?? missingFile(args, known);
}

function byProgram(program: string, args: string[], command: Documented, known: Known): string | null {
  switch (program) {
    case 'npm':
      return npm(args, command, known);
    case 'npx':
      return args[0] === 'pulumi' ? pulumi(args.slice(1), command, known) : null;
    case 'pulumi':
      return pulumi(args, command, known);
    case 'kubectl':
      return command.recorded ? null : kubectl(args, known);
    case 'docker':
    case 'kind':
      return image(args, known);
    default:
      return OTHERS.has(program) || command.functions.includes(program) ? null : `what is ${program}?`;
  }
}

/** Programs of others, whose own grammar is not looked into. A name that is not here is a typing error, or new. */
const OTHERS = new Set(
  `aws brew cat cd chmod cockroach code cp curl diff echo eksctl exit export gcloud git go grep head helm jq kill ls lsof mkdir mv node nvm open
  openssl pbcopy printf ps psql rm sed set sha256sum sleep source sudo systemctl tail tar tee test true watch xdg-open`.split(
    /\s+/,
  ),
);
const NPM_ITSELF = new Set(['audit', 'ci', 'pack', 'exec', 'install', 'ls', 'outdated', 'view']);
const PLACEHOLDER = /^<.*>$|^\$|\.\.\./;

function npm(args: string[], command: Documented, known: Known): string | null {
  const [verb = '', ...rest] = args;
  if (NPM_ITSELF.has(verb)) return null;
  const [before, after] = splitAt(rest, '--');
  const workspace = optionValue(before, '--workspace') ?? optionValue(before, '-w');
  if (workspace !== undefined && workspace !== 'app') return `there is no workspace ${workspace}`;
  const scripts = workspace === undefined ? known.scripts : known.appScripts;
  const name = verb === 'run' ? before[0] : verb;
  if (name === undefined || PLACEHOLDER.test(name)) return null;
  const script = scripts[name];
  if (script === undefined) return `there is no script ${name}`;
  const cliCommand = /cli\/main\.ts (\S+)/.exec(script)?.[1];
  // npm keeps for itself what does not stand after `--`.
  if (
    verb === 'run' &&
    before.slice(1).some((word) => !/^(--workspace(=.*)?|-w|app|-s|--silent)$/.test(word))
  )
    return `npm hands nothing on that stands before --: ${before.slice(1).join(' ')}`;
  return cliCommand === undefined ? null : ofCli(cliCommand, after, command, known);
}

/** Whether the command line takes these arguments: commander says so itself. */
function ofCli(name: string, args: string[], command: Documented, known: Known): string | null {
  const parser = known.cli.commands.find((each) => each.name() === name);
  if (parser === undefined) return `the command line has no ${name}`;
  if (args.includes('--help') || args.some((word) => PLACEHOLDER.test(word)))
    return (
      args
        .filter((word) => word.startsWith('--') && word !== '--help')
        .filter((flag) => parser.options.every(({ long }) => long !== flag))
        .map((flag) => `${name} has no ${flag}`)[0] ?? null
    );
  // What was parsed before would stand in for what is missing now.
  const bare = parser.registeredArguments.filter(({ required }) => required).length;
  try {
    known.cli.parse([name, ...args], { from: 'user' });
  } catch (error) {
    // In a sentence a command may be named without what it needs.
    const only = args.length === 0 && bare > 0;
    return error instanceof CommanderError && !only ? error.message : null;
  }
  const phases = parser.registeredArguments.flatMap((argument, i) =>
    /^(phase|from|to)$/.test(argument.name()) ? [parser.args[i]] : [],
  );
  const unknown = phases.find((phase) => phase !== undefined && !isStack(phase, command, known));
  return unknown === undefined ? null : `there is no stack ${unknown}`;
}

function pulumi(args: string[], command: Documented, known: Known): string | null {
  const stack = optionValue(args, '-s') ?? optionValue(args, '--stack');
  if (stack !== undefined && !isStack(stack, command, known)) return `there is no stack ${stack}`;
  const words = args.filter((word, i) => !word.startsWith('-') && !/^(-s|--stack)$/.test(args[i - 1] ?? ''));
  const [noun, verb, name] = words;
  if (noun === 'config' && /^(set|get|rm)$/.test(verb ?? '') && name !== undefined)
    return PLACEHOLDER.test(name) || name in known.settings ? null : `there is no setting ${name}`;
  if (noun === 'stack' && verb === 'output' && name !== undefined)
    return known.outputs.includes(name) ? null : `there is no output ${name}`;
  return null;
}

function isStack(name: string, command: Documented, known: Known): boolean {
  return PLACEHOLDER.test(name) || known.stacks.includes(name) || command.stacks.includes(name);
}

const KINDS =
  /^(cm|configmap|cronjob|daemonset|deploy|deployment|job|networkpolicy|pod|pvc|secret|service|statefulset|sts|svc)s?\/(.+)$/;

function kubectl(args: string[], known: Known): string | null {
  const [own] = splitAt(args, '--');
  const namespace = optionValue(own, '-n') ?? optionValue(own, '--namespace');
  const others = /^(kube-system|monitoring|cockroach-operator-system)$/;
  if (namespace !== undefined && !PLACEHOLDER.test(namespace) && !others.test(namespace))
    if (!isInCluster(namespace, known)) return `the program makes no namespace ${namespace}`;
  if (namespace !== undefined && others.test(namespace)) return null;
  const named = own.flatMap((word) => KINDS.exec(word)?.[2] ?? []);
  const missing = named.find((name) => !PLACEHOLDER.test(name) && !isInCluster(name, known));
  return missing === undefined ? null : `the program makes no ${missing}`;
}

/** The image's name is a setting. */
function image(args: string[], { settings }: Known): string | null {
  const wrong = args.find((word) => word.startsWith('sample-app:') && word !== settings.appImage);
  return wrong === undefined ? null : `the setting appImage is ${settings.appImage}, not ${wrong}`;
}

/** What looks like a path in the repository must be there. `reports/` and `backups/` come while it runs. */
function missingFile(args: string[], { files }: Known): string | null {
  const folders = new Set([...files].map((file) => file.split('/')[0] ?? ''));
  const paths = args
    .map((word) => word.replace(/^(--?[\w-]+=)?@?(\.\/)?/, '').replace(/\/$/, ''))
    .filter((word) => /^[\w.-]+(\/[\w.@-]+)+$/.test(word) && folders.has(word.split('/')[0] ?? ''))
    .filter((word) => !files.has(word) && ![...files].some((file) => file.startsWith(`${word}/`)));
  return paths[0] === undefined ? null : `there is no ${paths[0]}`;
}

function splitAt(words: string[], separator: string): [string[], string[]] {
  const at = words.indexOf(separator);
  return at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)];
}

function optionValue(words: string[], name: string): string | undefined {
  const at = words.indexOf(name);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
