import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

const TIMEOUT_MS = 10_000;
const AGENT = { keepAlive: true, maxFreeSockets: 256, scheduling: 'lifo' } as const;

/** Sends real HTTP requests to one server, over connections that it keeps. */
export class HttpClient {
  readonly #baseUrl: () => string;
  readonly #agents = { 'http:': new Agent(AGENT), 'https:': new SecureAgent(AGENT) };

  /** The address is looked up for each request: a server that picks its own port knows it only later. */
  constructor(baseUrl: () => string) {
    this.#baseUrl = baseUrl;
  }

  /** The status of the answer, once it is complete. Rejects when there is no answer within ten seconds. */
  async send(call: Call): Promise<number> {
    const url = new URL(call.path, this.#baseUrl());
    const [send, agent] =
      url.protocol === 'https:' ? [secureRequest, this.#agents['https:']] : [request, this.#agents['http:']];
    return new Promise((resolve, reject) => {
      const headers =
        call.body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(call.body) };
      const outgoing = send(url, { method: call.method, agent, timeout: TIMEOUT_MS, headers }, (answer) => {
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('error', reject);
        answer.resume();
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server may close a kept connection just as it is used again: that says nothing about the server. Node marks the case.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') this.send(call).then(resolve, reject);
        else reject(error);
      });
      outgoing.end(call.body);
    });
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}
