import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

const SERVER = 2;

/** A receiver of traces over OTLP, JSON over HTTP, on a free port of loopback. */
export async function startOtlp() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      bodies.push(text);
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const spans = (): Span[] =>
    bodies.flatMap((body) => {
      const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
      return resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans));
    });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Whether there is a trace of a request for `path` with a statement that holds `sql`. */
    traced(path: string, sql: string): boolean {
      const holds = (span: Span, text: string) => JSON.stringify(span.attributes).includes(text);
      const requests = spans().filter((span) => span.kind === SERVER && holds(span, path));
      return spans().some((span) => requests.some((r) => r.traceId === span.traceId) && holds(span, sql));
    },
    stop: () => void server.close(),
  };
}
