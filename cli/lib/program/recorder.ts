import * as pulumi from '@pulumi/pulumi';
import type { MockMonitor, Mocks } from '@pulumi/pulumi/runtime/mocks.js';
import { MOCKS } from './mocks.ts';
import { isObject, type Resource, type Value } from './resources.ts';
import { fromWire, isClosed } from './values.ts';

const STACK = 'pulumi:pulumi:Stack';

/** Writes down what a program sends to Pulumi's own mock of the engine, as it is on the wire. */
export class Recorder {
  readonly resources: Resource[] = [];
  outputs: { [key: string]: Value } = {};
  #root = '';
  /** The mock's URNs know the nearest parent only, so ours are made here. */
  readonly #byMockUrn = new Map<string, Resource>();
  readonly #secretOutputs = new Map<string, readonly string[]>();

  /** To set before `attach`. They close `additionalSecretOutputs`, as the engine does and the mock does not. */
  readonly mocks: Mocks = {
    ...MOCKS,
    newResource: async (args) => {
      const { id, state } = await MOCKS.newResource(args);
      const closed = (this.#secretOutputs.get(`${args.type} ${args.name}`) ?? [])
        .filter((key) => state[key] !== undefined && !isClosed(state[key]))
        .map((key) => [key, pulumi.secret(state[key])]);
      return { id, state: { ...state, ...Object.fromEntries(closed) } };
    },
  };

  attach(monitor: MockMonitor): void {
    const register = monitor.registerResource.bind(monitor);
    const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResource = (request: Registration, callback: Callback<{ getUrn(): string }>) => {
      this.#secretOutputs.set(
        `${request.getType()} ${request.getName()}`,
        request.getAdditionalsecretoutputsList(),
      );
      return register(request, (error, response) => {
        try {
          if (!error) this.#record(request, response.getUrn());
          callback(error, response);
        } catch (problem) {
          callback(problem);
        }
      });
    };
    monitor.registerResourceOutputs = (request: Outputs, callback: Callback<unknown>) => {
      if (request.getUrn() === this.#root) this.outputs = table(request.getOutputs());
      registerOutputs(request, callback);
    };
    // The mock knows no hooks. They run in an update only, so there is nothing to do.
    Object.assign(monitor, {
      registerResourceHook: (_: unknown, callback: Callback<unknown>) => callback(null, {}),
    });
  }

  #record(request: Registration, mockUrn: string): void {
    const type = request.getType();
    const name = request.getName();
    if (type === STACK) {
      this.#root = mockUrn;
      return;
    }
    const parent = this.#byMockUrn.get(request.getParent());
    // The text of a dynamic provider is code, not configuration.
    const { __provider, ...inputs } = table(request.getObject());
    const resource: Resource = {
      urn: `${parent === undefined ? type : `${typeOf(parent.urn)}$${type}`}::${name}`,
      type,
      name,
      path: [...(parent?.path ?? []), name],
      custom: request.getCustom(),
      inputs,
      dependencies: request.getDependenciesList().map((urn) => this.#byMockUrn.get(urn)?.urn ?? urn),
      protect: request.getProtect() ?? false,
      aliases: request.getAliasurnsList(),
      ignoreChanges: request.getIgnorechangesList(),
      // `urn:pulumi:stack::project::type::name::id`, or empty for the default one.
      provider: request.getProvider().split('::')[3],
    };
    // The engine refuses it; the mock would let the second one pass.
    if (this.resources.some((other) => other.urn === resource.urn))
      throw new Error(`Two resources have one URN: ${resource.urn}`);
    this.resources.push(resource);
    this.#byMockUrn.set(mockUrn, resource);
  }
}

/** What is used of Pulumi's messages, whose own types are `any`. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): Struct | undefined;
  getDependenciesList(): string[];
  getProtect(): boolean | undefined;
  getAliasurnsList(): string[];
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getProvider(): string;
}

interface Outputs {
  getUrn(): string;
  getOutputs(): Struct | undefined;
}

interface Struct {
  toJavaScript(): unknown;
}

type Callback<T> = (error: unknown, response?: T) => void;

function table(struct: Struct | undefined): { [key: string]: Value } {
  const value = fromWire(struct?.toJavaScript() ?? {});
  if (!isObject(value)) throw new Error('What is registered must be a table');
  return value;
}

function typeOf(urn: string): string {
  return urn.slice(0, urn.indexOf('::'));
}
