import type { CommandName, ControlState, Report } from '../../../../app/src/contract.ts';
import type { Topology } from '../../../../components/database/topology.ts';
import { cliError } from '../../../lib/errors.ts';
import { askLocal, type LocalRequest } from '../../../lib/machine/loopback.ts';

export interface SpikePlan {
  readonly seconds: number;
  readonly rps: number;
}

/** What the rehearsal asks of the app, over HTTP as any script would. */
export class AppClient {
  readonly #address: string;
  readonly #signal: AbortSignal;

  /** Calls are given up when `signal` is aborted. */
  constructor(address: string, signal: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
  }

  startLoad(): Promise<ControlState> {
    return this.#command('start-load');
  }

  stopLoad(): Promise<ControlState> {
    return this.#command('stop-load');
  }

  /** False when one runs already. */
  async startSpike(plan: SpikePlan): Promise<boolean> {
    const { status } = await this.#call(
      '/spike',
      post({ ...plan, mix: { login: 0.2, search: 0.8 } }),
      [202, 409],
    );
    return status === 202;
  }

  mark(kind: 'phase' | 'note', label: string): Promise<ControlState> {
    return this.#command('mark', { kind, label });
  }

  /** What `/readyz` says of the connection for reads, e.g. `answers as app_reader`. */
  async readerDetail(): Promise<string> {
    const { body } = await this.#call('/readyz', {}, [200, 503]);
    return (body as { checks: { reader: { detail: string } } }).checks.reader.detail;
  }

  /** Tells the app what its database is made of. False when this app does not take it. */
  async showTopology(topology: Topology): Promise<boolean> {
    return (await this.#call('/commands/topology', post(topology), [200, 404])).status === 200;
  }

  async report(): Promise<Report> {
    return (await this.#call('/report')).body as Report;
  }

  async #command(name: CommandName, body: object = {}): Promise<ControlState> {
    return (await this.#call(`/commands/${name}`, post(body))).body as ControlState;
  }

  async #call(
    path: string,
    init: LocalRequest = {},
    expected: readonly number[] = [200],
  ): Promise<{ status: number; body: unknown }> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(10_000)]);
    let response: { readonly status: number; readonly text: string };
    try {
      response = await askLocal(`${this.#address}${path}`, init, signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      throw cliError('EVO-922', { problem: `no answer to ${path}: ${(error as Error).message}` });
    }
    const { status, text } = response;
    if (!expected.includes(status))
      throw cliError('EVO-922', { problem: `it answered ${path} with ${status}: ${text}` });
    return { status, body: JSON.parse(text) };
  }
}

function post(body: object): LocalRequest {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}
