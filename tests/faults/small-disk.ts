import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { postgresUser } from '../../cli/lib/machine/user.ts';
import type { TestDatabase } from '../support/sample-app.ts';

const MEGABYTES = 64;

/** A disk of its own for some tables, in memory, so small that it can be filled: the error is PostgreSQL's own (53100). */
export class SmallDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined, and said so, where it cannot be mounted: that takes Linux and root. */
  static async mount(test: TestDatabase, tables: readonly string[]): Promise<SmallDisk | undefined> {
    const folder = join(test.directory, 'small-disk');
    const { uid, gid } = postgresUser();
    mkdirSync(folder);
    try {
      const options = `size=${MEGABYTES}m,mode=700,uid=${uid},gid=${gid}`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      console.warn('SKIPPED: the fault "disk full" needs Linux and root, to mount a small disk.');
      return undefined;
    }
    const client = await test.postgres.connect('evolution');
    await client.query(`CREATE TABLESPACE small LOCATION '${folder}'`);
    for (const table of tables) await client.query(`ALTER TABLE ${table} SET TABLESPACE small`);
    await client.end();
    return new SmallDisk(folder);
  }

  fill(): void {
    const file = openSync(this.#filler, 'w');
    // In ever smaller pieces, to the last byte.
    for (let size = 1024 * 1024; size >= 512; size /= 2) {
      const piece = Buffer.alloc(size);
      try {
        for (;;) writeSync(file, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(file);
  }

  free(): void {
    rmSync(this.#filler);
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.#folder]);
  }

  get #filler(): string {
    return join(this.#folder, 'filler');
  }
}
