import { Agent, request } from 'node:http';

export interface LocalRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Ignores proxies. Node's default agent, and `fetch`, use HTTP_PROXY when NODE_USE_ENV_PROXY is set. */
export const DIRECT = new Agent();

/** Sends a request to a server on this machine. Proxies are not used. Rejects when there is no answer, and when `signal` is aborted. */
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
