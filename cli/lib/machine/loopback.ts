import { Agent, request } from 'node:http';

export interface LocalRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** With its own agent: Node's takes the proxy of HTTP_PROXY where NODE_USE_ENV_PROXY is set, as `fetch` does. */
export const DIRECT = new Agent();

/** Asks a server of this machine, past any proxy. Rejects when there is no answer, and when `signal` is aborted. */
export function askLocal(
  url: string,
  { method = 'GET', headers = {}, body }: LocalRequest,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: DIRECT, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
