import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHASES } from '../../lib/cluster/cluster.testing.ts';
import { compare, type Difference } from '../../lib/compare/compare.ts';
import type { Target } from '../../lib/phase/settings.ts';
import { evaluateAll, ProgramError } from '../../lib/program/evaluate.ts';
import { Pulumi, type Result, type RunOptions } from '../../lib/pulumi/run.ts';
import type { Step } from '../../lib/step/begin.ts';
import type { Plan } from '../../lib/step/plan.ts';
import { askToGoOn } from '../../ui/prompt.ts';
import { Terminal } from '../../ui/terminal.ts';
import { announce } from './announce.ts';

const folder = mkdtempSync(join(tmpdir(), 'evolution-announce-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const log = join(folder, 'reports', 'preview.log');
const [phase0, phase1, phase2] = PHASES as [Target, Target, Target];
let steps: readonly [Difference, Difference];

beforeAll(async () => {
  const [a, b, c] = await evaluateAll(['phase0', 'phase1', 'phase2'].map((stack) => ({ stack })));
  if (a === undefined || b === undefined || c === undefined) throw new Error('not evaluated');
  steps = [compare(a, b), compare(b, c)];
});

interface Previewed {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** A preview as the engine tells it: events in a file, and text with colours. */
class Previewing extends Pulumi {
  readonly #events: readonly Previewed[];
  readonly #code: number;
  readonly commands: string[] = [];

  constructor(events: readonly Previewed[], code = 0) {
    super({ file: 'pulumi', shown: 'pulumi', version: '3.265.0' }, folder, new Terminal(false, () => {}));
    this.#events = events;
    this.#code = code;
  }

  override async run(args: readonly string[], { plumbing = [] }: RunOptions = {}): Promise<Result> {
    this.commands.push(args.join(' '));
    const file = plumbing[plumbing.indexOf('--event-log') + 1] ?? '';
    const same = { op: 'same', type: 'kubernetes:core/v1:Service', urn: urnOf('a::b') };
    const lines = [...this.#events, same].map((metadata) => ({ resourcePreEvent: { metadata } }));
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const stdout = '\u001b[33m~ spec: {\u001b[0m\n  [urn=long]\n';
    return { code: this.#code, stdout, stderr: this.#code === 0 ? '' : 'error: the guard refuses this' };
  }
}

const urnOf = (bare: string) => `urn:pulumi:phase1::cockroachdb-live-evolution::${bare}`;
const eventsOf = ({ changes }: Difference): Previewed[] =>
  changes.map(({ action, resource: { urn, type } }) => ({ op: action, urn: urnOf(urn), type }));
const provider = { op: 'update', urn: urnOf('pulumi:providers:k::k'), type: 'pulumi:providers:kubernetes' };

const forward = (at: Target, from: string | null = at.stack): Exclude<Plan, { kind: 'fresh' }> => ({
  kind: 'forward',
  at,
  from,
  owner: at.stack,
  unfinished: [],
});

async function said(
  events: readonly Previewed[],
  options: { target?: Target; plan?: Plan; rows?: number; code?: number; difference?: () => never } = {},
) {
  const { target = phase1, plan = forward(phase0), rows, code } = options;
  const lines: string[] = [];
  const pulumi = new Previewing(events, code);
  const step: Step = { pulumi, target, plan, states: [], end: async () => {} };
  const dependencies = {
    difference: async () => options.difference?.() ?? (target === phase1 ? steps[0] : steps[1]),
  };
  const screen = rows === undefined ? undefined : { rows, columns: 80 };
  const announced = await announce(
    step,
    { env: {}, log, color: false, screen, next: 'npm run evolve -- phase1' },
    new Terminal(false, (text) => void lines.push(...text.replace(/\n$/, '').split('\n'))),
    dependencies,
  );
  expect(pulumi.commands).toEqual([`preview --diff -s ${target.stack}`]);
  return { ...announced, lines };
}

describe('what a step says before it asks', () => {
  it.each([
    [24, 8],
    [26, 20],
    [40, 20],
  ])('fits a screen of %i lines with its question, and has all changes in %i lines', async (rows, shown) => {
    const { lines } = await said(eventsOf(steps[0]), { rows });
    const title = lines.findIndex((line) => line.startsWith('phase0 -> phase1'));
    expect(lines.slice(title).length + 3).toBeLessThanOrEqual(rows);
    expect(lines.slice(title + 1, -2)).toHaveLength(shown);
    expect(lines.slice(-2)).toEqual([
      'The preview says the same: 2 to create, 6 to update, 1 unchanged.',
      'Nothing is replaced or deleted.',
    ]);
    expect(Math.max(...lines.slice(title).map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('keeps the whole preview in a file without colours, and gives its text to whoever wants to see it', async () => {
    const { lines, text } = await said(eventsOf(steps[1]), { target: phase2, plan: forward(phase1) });
    expect(readFileSync(log, 'utf8')).toBe('~ spec: {\n  [urn=long]\n');
    expect(text).toContain('[urn=long]');
    expect(lines.join('\n')).not.toContain('urn=');
    expect(lines[0]).toContain(log);
  });

  it('tells what the preview has beyond the program: a changed setting, a lost node', async () => {
    const more = [
      {
        op: 'update',
        urn: urnOf('kubernetes:apps/v1:Deployment::app'),
        type: 'kubernetes:apps/v1:Deployment',
      },
      { op: 'delete-replaced', urn: urnOf('kubernetes:batch/v1:Job::old'), type: 'kubernetes:batch/v1:Job' },
    ];
    const { lines } = await said([...eventsOf(steps[0]), ...more, provider]);
    expect(lines).toContain('Beyond these, the preview has: ~ Deployment app, +- Job old.');
    expect(lines.join('\n')).not.toMatch(/says the same|Nothing is replaced/);
    expect(lines).toContain('Note: replace Job old.');
  });

  it('tells a change that is of another kind than the program says', async () => {
    const [first, ...others] = eventsOf(steps[0]);
    const { lines } = await said([{ ...(first as Previewed), op: 'create' }, ...others]);
    expect(lines).toContain('Beyond these, the preview has: + Guard guard.');
    expect(lines.join('\n')).not.toMatch(/says the same|done already/);
  });

  it('tells of a step that is gone on with what is done already', async () => {
    const { lines } = await said(eventsOf(steps[0]).slice(2));
    expect(lines).toContain('Of these, done already: guard, backup.');
    expect(lines).toContain('The preview: 2 to create, 4 to update, 1 unchanged.');
  });

  it('counts by kind what a fresh start makes', async () => {
    const made = [
      ['evolution:index:Cluster', 'cluster'],
      ['kubernetes:core/v1:Secret', 'a'],
      ['kubernetes:core/v1:Service', 'b'],
      ['kubernetes:core/v1:Secret', 'c'],
    ].map(([type = '', name]) => ({ op: 'create', urn: urnOf(`${type}::${name}`), type }));
    const { lines } = await said(made, { target: phase0, plan: { kind: 'fresh' } });
    expect(lines.slice(1)).toEqual(['The preview: 4 to create, 1 unchanged.', '+ 2 Secret, 1 Service']);
  });

  it('names what the same phase changes again, where the settings are all that differs', async () => {
    const plan: Plan = { ...forward(phase1), kind: 'again' };
    const change = {
      op: 'update',
      urn: urnOf('kubernetes:apps/v1:Deployment::load-run'),
      type: 'x:Deployment',
    };
    const { lines } = await said([change], { plan });
    expect(lines.slice(1)).toEqual([
      'The preview: 1 to update, 1 unchanged.',
      '~ Deployment load-run',
      'Nothing is replaced or deleted.',
    ]);
  });

  it('ends with what the preview says when the program is refused, and keeps its text', async () => {
    rmSync(log);
    const refused = () => {
      throw new ProgramError('nodes must be a number', true);
    };
    await expect(said([], { code: 255, difference: refused })).rejects.toMatchObject({
      code: 'EVO-501',
      message: expect.stringContaining('the guard refuses this'),
    });
    expect(readFileSync(log, 'utf8')).toContain('the guard refuses this');
  });
});

describe('the question', () => {
  const answering = (...answers: string[]) => {
    const asked: string[] = [];
    let views = 0;
    const read = async (question: string) => {
      asked.push(question);
      return answers.shift() ?? '';
    };
    const going = askToGoOn('pulumi up -s phase1?', () => views++, read);
    return going.then((yes) => ({ yes, views, asked: asked.length }));
  };

  it.each([
    [['y'], { yes: true, views: 0, asked: 1 }],
    [['v', 'view', 'YES'], { yes: true, views: 2, asked: 3 }],
    [['v', ''], { yes: false, views: 1, asked: 2 }],
    [['n'], { yes: false, views: 0, asked: 1 }],
    [[''], { yes: false, views: 0, asked: 1 }],
    [['yep'], { yes: false, views: 0, asked: 1 }],
  ])('answered with %j is asked until it is no wish to see more', async (answers, expected) => {
    expect(await answering(...answers)).toEqual(expected);
  });
});
