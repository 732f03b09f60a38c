import * as http from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { KubeConfig } from '@kubernetes/client-node';
import type { CommandName, ControlState, MarkKind, Report } from '../../../app/src/contract.ts';
import { APP, CONTROL_SECRET } from '../../../components/app-manifests.ts';
import { connectKubernetes, isReady, type Kubernetes } from '../../../components/database/kubernetes.ts';
import type { Topology } from '../../../components/database/topology.ts';
import { tunnel } from '../../../components/database/tunnel.ts';
import { type Run, within } from '../../../components/database/waiting.ts';
import { PORTS, selector } from '../../../components/names.ts';
import type { Course } from '../report/stretch.ts';
import type { Workloads } from './workloads.ts';

/** The answer of the app at `/readyz`. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** The sample app, through a port-forward to one of its pods. Each call throws an error that says what to do. */
export interface App {
  readonly pod: string;
  readiness(): Promise<Readiness>;
  /** The events between one phase mark and the next. */
  report(): Promise<Report>;
  /** The last hour, a row a second, and the marks of the timeline. Throws with an older app, which does not have it. */
  history(): Promise<Course>;
  /** Sets a mark on the timeline. One of kind `phase` begins a new period of the report. */
  mark(kind: MarkKind & ('phase' | 'backup' | 'note'), label: string): Promise<ControlState>;
  /** Reports the begin or end of a step. In between, the alerts that a step causes are silent. */
  step(label: string, state: 'begin' | 'end'): Promise<ControlState>;
  /** Starts or stops the app's own steady load. */
  load(on: boolean): Promise<ControlState>;
  /** Sends the topology of the database to the page. False with an older app, which does not accept it. */
  topology(seen: Topology): Promise<boolean>;
  /** The data of the page, as an endless stream of JSON lines. Destroying the stream ends it. */
  recording(): Promise<Readable>;
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A connection to a pod of the app. */
export interface Way {
  /** Sends a request. Resolves with any status. */
  send(pod: string, request: Request): Promise<{ status: number; body: string }>;
  /** Requests an endless answer. Resolves with any status, before the body. */
  open(pod: string, path: string): Promise<Readable & { readonly statusCode?: number | undefined }>;
}

export interface AppPlace {
  readonly context: string;
  readonly namespace: string;
}

const ANSWER_SECONDS = 15;

/** The app's control token; undefined when its Secret does not exist. */
export async function controlToken(kubernetes: Pick<Kubernetes, 'secret'>): Promise<string | undefined> {
  return (await kubernetes.secret(CONTROL_SECRET))?.['control-token'];
}

/** The app's first ready pod, or the first one when none is; null when there is no pod. */
export async function findApp(place: AppPlace, workloads: Workloads, run: Run): Promise<App | null> {
  const pods = await workloads.pods(place.namespace, selector(APP));
  const pod = (pods.find(isReady) ?? pods[0])?.metadata?.name;
  if (pod === undefined) return null;
  // Loaded on use: a missing context has been reported by then.
  const kubernetes = connectKubernetes(place, run.signal);
  let read: ReturnType<typeof controlToken> | undefined;
  const token = () => {
    read ??= controlToken(kubernetes);
    read.catch(() => {
      read = undefined;
    });
    return read;
  };
  return appThrough(pod, throughPort(kubernetes.kubeconfig, place.namespace, run), token);
}

/** The app's calls over any connection to its pod. `token` is called when a command needs it. */
export function appThrough(pod: string, way: Way, token: () => Promise<string | undefined>): App {
  const refused = (path: string, status: number | undefined, body: string) =>
    new Error(`${pod} answered ${path} with ${status}: ${messageOf(body)} Look at the log of the pod.`);
  const call = async (request: Request, expected: readonly number[]) => {
    const { status, body } = await way.send(pod, request);
    if (!expected.includes(status)) throw refused(request.path, status, body);
    return { status, body: JSON.parse(body) };
  };
  const get = async (path: string, expected = [200]) => (await call({ method: 'GET', path }, expected)).body;
  const command = async (name: CommandName, args: object, expected = [200]) => {
    const secret = await token();
    const headers = {
      'Content-Type': 'application/json',
      ...(secret ? { Authorization: `Bearer ${secret}` } : {}),
    };
    const path = `/commands/${name}`;
    return call({ method: 'POST', path, headers, body: JSON.stringify(args) }, expected);
  };
  const done = async (name: CommandName, args: object): Promise<ControlState> =>
    (await command(name, args)).body;
  return {
    pod,
    // 503 says which part fails.
    readiness: () => get('/readyz', [200, 503]),
    report: () => get('/report'),
    history: () => get('/history'),
    mark: (kind, label) => done('mark', { kind, label }),
    step: (label, state) => done('mark', { kind: 'step', label, done: state === 'end' }),
    load: (on) => done(on ? 'start-load' : 'stop-load', {}),
    topology: async (seen) => (await command('topology', seen, [200, 404])).status === 200,
    recording: async () => {
      const stream = await way.open(pod, '/recording');
      if (stream.statusCode === 200) return stream;
      throw refused('/recording', stream.statusCode, await text(stream));
    },
  };
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { error: { message: string } }).error.message;
  } catch {
    return `${body.slice(0, 200) || 'nothing'}.`;
  }
}

function throughPort(kubeconfig: KubeConfig, namespace: string, run: Run): Way {
  /** The stream of the answer, and what closes its port-forward. */
  const ask = (pod: string, { method, path, headers = {}, body }: Request) => {
    const stream = tunnel(kubeconfig, namespace, pod, PORTS.app);
    const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
      stream.on('error', reject);
      stream.once('connect', () => {
        const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
        const options = {
          method,
          path,
          headers: { host: 'sample-app', ...headers, ...length },
          createConnection: () => stream,
        };
        const request = http.request(options, resolve);
        request.on('error', reject);
        request.end(body);
      });
      stream.connect();
    });
    return { answer, close: () => void stream.destroy() };
  };
  return {
    async send(pod, request) {
      const { answer, close } = ask(pod, request);
      const whole = answer.then(async (response) => ({
        status: response.statusCode ?? 0,
        body: await text(response),
      }));
      return within(whole, ANSWER_SECONDS, pod, run.signal).finally(close);
    },
    async open(pod, path) {
      const { answer, close } = ask(pod, { method: 'GET', path });
      try {
        const response = await within(answer, ANSWER_SECONDS, pod, run.signal);
        response.once('close', close);
        return response;
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}
