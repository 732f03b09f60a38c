import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');
const APP = join(ROOT, 'app');
const SERVERS = join(__dirname, 'servers');

/** Builds the app. Returns the arguments of Node with which its image starts it. */
export function builtApp(): string[] {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: APP, stdio: 'ignore' });
  const { scripts } = JSON.parse(readFileSync(join(APP, 'package.json'), 'utf8'));
  const [, ...args] = String(scripts.start).split(' ');
  return args.map((arg) => (arg.startsWith('-') ? arg : join(APP, arg)));
}

/** The app's rivals, built into a folder of their own, so that no server runs through a TypeScript loader. */
export class BuiltRivals {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-servers-'));
  /** They are outside of the repository, whose packages they use. */
  readonly env = { NODE_PATH: join(ROOT, 'node_modules') };

  constructor() {
    for (const name of ['shared', 'bare', 'guarded', 'fastify']) {
      const { outputText } = ts.transpileModule(readFileSync(join(SERVERS, `${name}.ts`), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.CommonJS,
          esModuleInterop: true,
          rewriteRelativeImportExtensions: true,
        },
      });
      writeFileSync(join(this.#folder, `${name}.js`), outputText);
    }
  }

  file(name: string): string {
    return join(this.#folder, `${name}.js`);
  }

  /** The Go server's program, or why there is none. */
  go(): { readonly program: string } | { readonly missing: string } {
    const program = join(this.#folder, 'go-server');
    try {
      execFileSync('go', ['build', '-o', program, '.'], { cwd: join(SERVERS, 'go'), stdio: 'pipe' });
      return { program };
    } catch (error) {
      const { code, stderr } = error as { code?: string; stderr?: Buffer };
      if (code === 'ENOENT') return { missing: 'there is no go on PATH' };
      return { missing: `go build failed: ${String(stderr).trim().split('\n').at(-1)}` };
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
