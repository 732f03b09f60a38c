import { cancellable } from '../components/database/cancel.ts';
import { openClient } from '../components/database/client.ts';
import { type CrdbCluster, connectKubernetes } from '../components/database/kubernetes.ts';
import type { Run } from '../components/database/waiting.ts';
import { clusterAccess } from './access.ts';
import { type Api, connectApi } from './api.ts';
import { readFiles } from './files.ts';
import { EXIT } from './names.ts';
import { Refused } from './refused.ts';
import { clusterSubject, eventOf, lastWord, thisJob } from './report.ts';
import { takeStep } from './step.ts';

// The Job of a phase: `node dist/jobs/main.js` in a pod, with the plan in /plan.

interface Ended {
  readonly code: number;
  readonly line: string;
}

function work(signal: AbortSignal): Promise<Ended> {
  const run: Run = { signal, say: (line) => console.log(`${new Date().toISOString()} ${line}`) };
  return ended(async () => {
    const given = readFiles();
    const { namespace, phase } = given.plan;
    const kubernetes = connectKubernetes({ context: '', namespace }, signal);
    const api = connectApi(kubernetes.kubeconfig, signal);
    const database = openClient(clusterAccess(kubernetes), run);
    const tell = teller(api, namespace, () => kubernetes.cluster(), run);
    try {
      await tell('Normal', 'Started', `The step to ${phase} begins.`);
      const line = await takeStep(given, {
        api,
        kubernetes,
        database,
        run,
        tell: (reason, message) => tell('Normal', reason, message),
      });
      await tell('Normal', 'Reached', line);
      return line;
    } catch (error) {
      const refused = error instanceof Refused;
      if (!signal.aborted) await tell('Warning', refused ? 'Refused' : 'Failed', lineOf(error));
      throw error;
    } finally {
      database.close();
    }
  });
}

/** The outcome: one line that says what was done or why it failed, and the exit code for the Job's failure policy. */
async function ended(take: () => Promise<string>): Promise<Ended> {
  try {
    return { code: EXIT.done, line: await take() };
  } catch (error) {
    return error instanceof Refused
      ? { code: EXIT.refused, line: `Refused, and nothing was changed: ${lineOf(error)}. ${AGAIN}` }
      : { code: EXIT.again, line: `Failed, to be tried again: ${lineOf(error)}` };
  }
}

/** `kubectl apply` does not restart an existing Job. */
const AGAIN =
  'To try again, remove this Job with kubectl delete, or wait until it is gone, 10 minutes after its end, and apply again';

/** The message on one line, without the database client's advice to run a command of this project. */
function lineOf(error: unknown): string {
  return (error as Error).message.replace(/\s*\n\s*/g, ' ').replace(/\.? To see why: npm run doctor$/, '');
}

/** Reports a stage in the log, and as an event of the Job and of the CrdbCluster. A failed event does not stop the step. */
function teller(api: Api, namespace: string, cluster: () => Promise<CrdbCluster | null>, run: Run) {
  const job = thisJob(namespace);
  return async (type: 'Normal' | 'Warning', reason: string, message: string) => {
    run.say(`${reason}: ${message}`);
    try {
      if (job === null) return;
      const uid = (await cluster())?.metadata?.uid;
      const subjects = [job, ...(uid === undefined ? [] : [clusterSubject(namespace, uid)])];
      for (const subject of subjects) await api.event(eventOf(subject, type, reason, message));
    } catch (error) {
      run.signal.throwIfAborted();
      run.say(`The event was not written: ${(error as Error).message}`);
    }
  };
}

async function main(): Promise<void> {
  const { code, line } = await cancellable(work);
  console.log(line);
  lastWord(line);
  process.exit(code);
}

void main();
