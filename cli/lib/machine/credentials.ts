import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files that hold the app's connection URLs, in a directory that it creates. */
export class Credentials {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { mode: 0o700 });
  }

  file(connection: 'writer' | 'reader'): string {
    return join(this.#directory, `${connection}-url`);
  }

  /** Replaces the file atomically, so that a reader never sees half of it. */
  write(connection: 'writer' | 'reader', url: string): void {
    const file = this.file(connection);
    writeFileSync(`${file}.new`, `${url}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}
