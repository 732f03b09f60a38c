import { Agent, request } from 'node:http';
import { Pacer } from '../../app/src/load/pacer.ts';

/** Times are `performance.now()` milliseconds. */
export interface Answer {
  readonly kind: 'login' | 'search' | 'readyz';
  readonly sentAt: number;
  readonly doneAt: number;
  /** 0 when no answer came. */
  readonly status: number;
}

/** Requests at a fixed rate, however the app answers; what it acknowledged is remembered, to be looked for later. */
export class RequestStream {
  readonly answers: Answer[] = [];
  /** Ids of the logins that were answered with 201. */
  readonly acknowledged: string[] = [];
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' });
  readonly #pacers: Pacer[];
  #underWay = 0;

  constructor(
    url: string,
    rps: { readonly login: number; readonly search: number; readonly readyz: number },
  ) {
    this.#url = url;
    this.#pacers = (['login', 'search', 'readyz'] as const).map(
      (kind) =>
        new Pacer({ rps: rps[kind], seconds: Number.POSITIVE_INFINITY, fire: () => void this.#send(kind) }),
    );
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Sends no more. */
  stop(): void {
    for (const pacer of this.#pacers) pacer.stop();
  }

  async #send(kind: Answer['kind']): Promise<void> {
    const sentAt = performance.now();
    this.#underWay += 1;
    const { status, body } = await this.#ask(kind).catch(() => ({ status: 0, body: '' }));
    this.#underWay -= 1;
    this.answers.push({ kind, sentAt, doneAt: performance.now(), status });
    if (kind === 'login' && status === 201) this.acknowledged.push((JSON.parse(body) as { id: string }).id);
  }

  #ask(kind: Answer['kind']): Promise<{ status: number; body: string }> {
    const body = kind === 'login' ? '{"userId":"ada"}' : undefined;
    const path = kind === 'search' ? '/search?q=l' : `/${kind}`;
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const outgoing = request(this.#url + path, { agent: this.#agent, method, headers, timeout: 20_000 });
      outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
      outgoing.on('error', reject);
      outgoing.on('response', (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
        answer.on('error', reject);
      });
      outgoing.end(body);
    });
  }
}
