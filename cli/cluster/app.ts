import * as http from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { CommandName, ControlState, MarkKind, Report } from '../../app/src/live/types.ts';
import { APP, CONTROL_SECRET } from '../../components/app-manifests.ts';
import { connectKubernetes, isReady } from '../../components/database/kubernetes.ts';
import { tunnel } from '../../components/database/tunnel.ts';
import { type Run, within } from '../../components/database/waiting.ts';
import { PORTS, selector } from '../../components/names.ts';
import type { Course } from '../report/stretch.ts';
import type { Workloads } from './workloads.ts';

/** What the app says of itself at `/readyz`. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

/** The sample app, through a port-forward to one of its pods. Each call throws an error that says what to do. */
export interface App {
  readonly pod: string;
  readiness(): Promise<Readiness>;
  /** What happened from one phase mark to the next. */
  report(): Promise<Report>;
  /** The last hour, a row a second, and the marks of the timeline. Throws with an app of before, which does not tell. */
  history(): Promise<Course>;
  /** Sets a mark on the timeline. One of kind `phase` begins a new period of the report. */
  mark(kind: MarkKind & ('phase' | 'backup' | 'note'), label: string): Promise<ControlState>;
  /** Says that a step of the evolution begins or ends. Until then alerts are quiet about what a step brings with it. */
  step(label: string, state: 'begin' | 'end'): Promise<ControlState>;
  /** Starts or stops the app's own steady load. */
  load(on: boolean): Promise<ControlState>;
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request to a pod. Resolves with any status. */
export type Send = (pod: string, request: Request) => Promise<{ status: number; body: string }>;

export interface AppPlace {
  readonly context: string;
  readonly namespace: string;
}

const ANSWER_SECONDS = 15;

/** The app's first ready pod, or the first one when none is; null when there is no pod. */
export async function findApp(place: AppPlace, workloads: Workloads, run: Run): Promise<App | null> {
  const pods = await workloads.pods(place.namespace, selector(APP));
  const pod = (pods.find(isReady) ?? pods[0])?.metadata?.name;
  if (pod === undefined) return null;
  // Loaded when it is used: with a context that is not there, all else has said so by then.
  const kubernetes = connectKubernetes(place, run.signal);
  const token = async () => (await kubernetes.secret(CONTROL_SECRET))?.['control-token'];
  return appThrough(pod, throughPort(kubernetes.kubeconfig, place.namespace, run), token);
}

/** The app's calls over any way to send a request. `token` is asked for when a command needs it. */
export function appThrough(pod: string, send: Send, token: () => Promise<string | undefined>): App {
  const call = async (request: Request, expected: readonly number[]) => {
    const { status, body } = await send(pod, request);
    if (!expected.includes(status))
      throw new Error(
        `${pod} answered ${request.path} with ${status}: ${messageOf(body)} Look at the log of the pod.`,
      );
    return JSON.parse(body);
  };
  const command = async (name: CommandName, args: object): Promise<ControlState> => {
    const secret = await token();
    const headers = {
      'Content-Type': 'application/json',
      ...(secret ? { Authorization: `Bearer ${secret}` } : {}),
    };
    const path = `/commands/${name}`;
    return call({ method: 'POST', path, headers, body: JSON.stringify(args) }, [200]);
  };
  return {
    pod,
    // 503 says which part fails.
    readiness: () => call({ method: 'GET', path: '/readyz' }, [200, 503]),
    report: () => call({ method: 'GET', path: '/report' }, [200]),
    history: () => call({ method: 'GET', path: '/history' }, [200]),
    mark: (kind, label) => command('mark', { kind, label }),
    step: (label, state) => command('mark', { kind: 'step', label, done: state === 'end' }),
    load: (on) => command(on ? 'start-load' : 'stop-load', {}),
  };
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { error: { message: string } }).error.message;
  } catch {
    return `${body.slice(0, 200) || 'nothing'}.`;
  }
}

function throughPort(kubeconfig: KubeConfig, namespace: string, run: Run): Send {
  return async (pod, { method, path, headers = {}, body }) => {
    const stream = tunnel(kubeconfig, namespace, pod, PORTS.app);
    const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
      stream.on('error', reject);
      stream.once('connect', () => {
        const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
        const options = {
          method,
          path,
          headers: { host: 'sample-app', ...headers, ...length },
          createConnection: () => stream,
        };
        const request = http.request(options, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
          response.on('error', reject);
        });
        request.on('error', reject);
        request.end(body);
      });
      stream.connect();
    });
    return within(answer, ANSWER_SECONDS, pod, run.signal).finally(() => stream.destroy());
  };
}
