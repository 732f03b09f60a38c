import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Process } from './schedule.ts';

export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom?: boolean;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly modified?: string;
  readonly initErrors?: readonly string[];
}

export interface Pending {
  readonly type: string;
  readonly resource: Resource;
}

export interface Deployment {
  readonly resources: readonly Resource[];
  readonly pending_operations: readonly Pending[];
}

const NOTHING: Deployment = { resources: [], pending_operations: [] };

/** Stacks and their locks, where Pulumi's own backend of files has them. */
export class Backend {
  readonly folder: string;
  readonly project: string;
  readonly #stacks: Map<string, Deployment>;

  constructor(folder: string, project: string) {
    this.folder = folder;
    this.project = project;
    const files = existsSync(this.#files) ? readdirSync(this.#files) : [];
    this.#stacks = new Map(
      files.map((file) => [
        file.replace(/\.json$/, ''),
        parsed(readFileSync(join(this.#files, file), 'utf8')),
      ]),
    );
  }

  get #files(): string {
    return join(this.folder, '.pulumi', 'stacks', this.project);
  }

  #locks = (stack: string) => join(this.folder, '.pulumi', 'locks', 'organization', this.project, stack);

  names(): string[] {
    return [...this.#stacks.keys()].sort();
  }

  has(stack: string): boolean {
    return this.#stacks.has(stack);
  }

  read(stack: string): Deployment {
    return this.#stacks.get(stack) ?? NOTHING;
  }

  /** As `pulumi stack export` has it. */
  text(stack: string): string {
    return JSON.stringify({ version: 3, deployment: this.read(stack) });
  }

  write(stack: string, deployment: Deployment = NOTHING): void {
    this.#stacks.set(stack, deployment);
  }

  /** Writes the files, for whoever copies the folder: to write them at each effect would take most of a schedule's time. */
  flush(): void {
    mkdirSync(this.#files, { recursive: true });
    for (const stack of this.names()) writeFileSync(join(this.#files, `${stack}.json`), this.text(stack));
  }

  remove(stack: string): void {
    this.#stacks.delete(stack);
  }

  /** As Pulumi does it: every URN names the stack, so every URN changes. */
  rename(from: string, to: string): void {
    const text = this.text(from).replaceAll(`urn:pulumi:${from}::`, `urn:pulumi:${to}::`);
    this.#stacks.delete(from);
    this.#stacks.set(to, parsed(text));
  }

  /** Says who holds it when it is held. */
  lock(stack: string, { pid, hostname }: Process): string | undefined {
    const folder = this.#locks(stack);
    const held = existsSync(folder) ? readdirSync(folder) : [];
    if (held.length > 0) return `the stack is currently locked by ${held.length} lock(s)`;
    mkdirSync(folder, { recursive: true });
    const content = { pid, hostname, username: 'ann', timestamp: '2026-06-12T10:11:12Z' };
    writeFileSync(join(folder, `${pid}.json`), JSON.stringify(content));
    return undefined;
  }

  unlock(stack: string, { pid }: Process): void {
    rmSync(join(this.#locks(stack), `${pid}.json`), { force: true });
  }

  /** `pulumi cancel`. */
  breakLocks(stack: string): void {
    rmSync(this.#locks(stack), { recursive: true, force: true });
  }
}

/** An export as what it holds. */
export function parsed(text: string): Deployment {
  return { ...NOTHING, ...(JSON.parse(text) as { deployment: Deployment }).deployment };
}
