import { listenForStop, type Stop } from '../../ui/stop.ts';
import type { Terminal } from '../../ui/terminal.ts';
import { withCluster } from '../cluster/inspect.ts';
import type { Difference } from '../compare/compare.ts';
import { difference } from '../compare/difference.ts';
import type { Target } from '../phase/settings.ts';
import { PROJECT } from '../program/evaluate.ts';
import { findCli } from '../pulumi/find.ts';
import { checkPassphrase, requirePassphrase } from '../pulumi/passphrase.ts';
import { type Machine, THIS_MACHINE } from '../pulumi/processes.ts';
import { Pulumi, type Session } from '../pulumi/run.ts';
import { kubernetesLease } from './kubernetes-lease.ts';
import type { LeaseStore } from './lease.ts';

/** All that a step reaches outside of this process. The model in tests/model puts its own in its place. */
export interface Dependencies {
  /** The folder with `Pulumi.yaml`. */
  readonly directory: string;
  readonly machine: Machine;
  /** Throws EVO-102 without a passphrase, and EVO-106 with a wrong one. */
  checkPassphrase(): Promise<void>;
  /** Throws EVO-101 without a CLI, and EVO-102 without a passphrase. */
  openPulumi(terminal: Terminal, session: Session): Pulumi;
  /** What keeps two steps on one cluster apart. */
  leaseFor(target: Target): LeaseStore;
  readonly withCluster: typeof withCluster;
  /** What the program says that a step from one stack to another changes. Throws ProgramError. */
  difference(from: string, to: string): Promise<Difference>;
  listenForStop(): Stop;
}

export const REAL_DEPENDENCIES: Dependencies = {
  directory: PROJECT,
  machine: THIS_MACHINE,
  checkPassphrase: () => checkPassphrase(PROJECT),
  openPulumi: (terminal, session) => {
    requirePassphrase(PROJECT);
    return new Pulumi(findCli(PROJECT), PROJECT, terminal, session);
  },
  leaseFor: kubernetesLease,
  withCluster,
  difference,
  listenForStop,
};
