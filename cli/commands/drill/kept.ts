import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../lib/machine/folders.ts';
import type { Death } from '../../lib/report/bookends.ts';
import type { Kind } from './kinds.ts';
import type { DrillResults } from './results.ts';

/** What is known of a drill when it is over. */
export interface Kept {
  readonly kind: Kind;
  readonly pod: string;
  readonly startedAt: string;
  /** The uid of its CrdbCluster: another one of the same name is another one. null when it did not say. */
  readonly cluster: string | null;
  readonly nodes: number;
  readonly figures: DrillResults;
}

/** Of the files of a drill, without their endings. */
export const reportName = (kind: Kind, startedAt: string) =>
  `drill-${kind}-${startedAt.replace(/\D/g, '').slice(0, 14)}`;

/** Writes the texts of a report, by their endings. */
export function keep(folder: string, name: string, texts: Readonly<Record<string, string>>): void {
  makeFolder(folder);
  for (const [ending, text] of Object.entries(texts)) writeFileSync(join(folder, `${name}.${ending}`), text);
}

/** The last outage on purpose that this cluster had, as the reports tell; null when they tell of none. */
export function lastOutage(folder: string, cluster: string | null): Kept | null {
  if (cluster === null) return null;
  const files = filesIn(folder).filter((name) => /^drill-outage-\d+\.json$/.test(name));
  for (const file of files.sort().reverse()) {
    const found = read(join(folder, file));
    if (found?.cluster === cluster) return found;
  }
  return null;
}

export function deathOf({ nodes, figures }: Pick<Kept, 'nodes' | 'figures'>): Death {
  return {
    nodes,
    longestGap: Math.max(figures.longestWriteGap, figures.longestReadGap),
    requests: figures.sent.requests,
    failed: figures.failed.requests,
    lost: figures.lost,
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** null for a file that is no whole report: somebody wrote into it, or it was cut. */
function read(file: string): Kept | null {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    const { longestWriteGap, longestReadGap, sent, failed, lost } = kept.figures;
    const numbers = [kept.nodes, longestWriteGap, longestReadGap, sent.requests, failed.requests, lost];
    return numbers.every((value) => Number.isFinite(value)) ? kept : null;
  } catch {
    return null;
  }
}
