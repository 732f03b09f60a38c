import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Vitest's global set-up: what a test run makes in the system's temporary directory, it makes in a folder that goes when the run ends. Tests
 * that let a command end in its middle leave its files there by nature.
 */
export default function setUp(): () => void {
  // Short: PostgreSQL's sockets have paths of 107 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), 'evo-'));
  // As the system has it: some tests run programs as other users.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
