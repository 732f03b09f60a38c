import { isMovable, movable } from '../../cli/lib/pulumi/state.ts';
import type { Resource } from './backend.ts';
import { type Model, STACKS } from './model.ts';
import type { Operator } from './operators.ts';
import { EDITS } from './program.ts';

/** What somebody does to the stacks by hand. */
export interface Hand {
  readonly name: string;
  /** Whether the tool can put it right by itself; otherwise it may also refuse. */
  readonly fixable: boolean;
  readonly work: (model: Model, operator: Operator) => Promise<void> | void;
}

const phases = (model: Model) => model.backend.names().filter((name) => STACKS.includes(name));
const full = (model: Model) => phases(model).filter((stack) => held(model, stack).length > 0);
const held = (model: Model, stack: string) =>
  movable({ stack, resources: model.backend.read(stack).resources, pending: [] }) as readonly Resource[];

async function move(model: Model, operator: Operator, to: string): Promise<void> {
  const from = model.random.pick(full(model));
  if (from === undefined || from === to) return;
  if (!model.backend.has(to)) await operator.type('stack', 'init', to);
  const resource = model.random.pick(held(model, from));
  await operator.type('state', 'move', '--source', from, '--dest', to, resource.urn, '--yes');
}

export const HANDS: readonly Hand[] = [
  {
    name: 'a resource is moved to the stack of another phase',
    fixable: true,
    work: (model, operator) => move(model, operator, model.random.pick(STACKS)),
  },
  {
    name: 'an operation is left pending in the state',
    fixable: true,
    work: ({ random, backend, schedule }, _) => {
      const stack = random.pick(backend.names());
      if (stack === undefined) return;
      const deployment = backend.read(stack);
      const resource = random.pick(deployment.resources.filter(isMovable));
      if (resource === undefined) return;
      const type = random.pick(['creating', 'updating', 'deleting']);
      schedule.trace.push(`by hand: ${type} ${resource.urn} is pending`);
      backend.write(stack, {
        ...deployment,
        pending_operations: [...deployment.pending_operations, { type, resource }],
      });
    },
  },
  {
    name: 'pulumi up is typed for the stack that owns everything',
    fixable: true,
    work: async (model, operator) => {
      const [owner, ...others] = full(model);
      if (owner !== undefined && others.length === 0) await operator.type('up', '--yes', '-s', owner);
    },
  },
  {
    name: 'pulumi up is typed for a stack that owns nothing, while another owns everything',
    fixable: true,
    work: async (model, operator) => {
      const empty = phases(model).filter((stack) => held(model, stack).length === 0);
      const stack = model.random.pick(empty);
      const owners = full(model);
      const reached = [...model.cluster.databases.values()].some(({ nodes }) => nodes > 0);
      if (stack !== undefined && owners.length === 1 && reached)
        await operator.type('up', '--yes', '-s', stack);
    },
  },
  {
    name: 'an empty stack is removed, with its file',
    fixable: false,
    work: async (model, operator) => {
      const empty = phases(model).filter((stack) => held(model, stack).length === 0);
      const stack = model.random.pick(empty);
      if (stack !== undefined) await operator.type('stack', 'rm', stack, '--yes');
    },
  },
  {
    name: 'a stack is removed with all that it knows',
    fixable: false,
    work: async (model, operator) => {
      const stack = model.random.pick(full(model));
      if (stack !== undefined) await operator.type('stack', 'rm', stack, '--force', '--yes');
    },
  },
  {
    name: 'a stack is renamed',
    fixable: false,
    work: async (model, operator) => {
      const stack = model.random.pick(full(model));
      const to = model.random.pick(['mine', ...STACKS]);
      if (stack !== undefined) await operator.type('stack', 'rename', to, '--stack', stack);
    },
  },
  {
    name: 'a resource is moved to a stack that is none of the phases',
    fixable: false,
    work: (model, operator) => move(model, operator, 'mine'),
  },
  {
    name: "a phase's file is edited",
    fixable: false,
    work: (model, operator) => {
      const [stack, settings] = [model.random.pick(STACKS), model.random.pick(EDITS)];
      model.schedule.trace.push(`by hand: ${stack} is ${JSON.stringify(settings)}`);
      operator.writeSettings(stack, settings);
    },
  },
];
