import picocolors from 'picocolors';
import { Terminal } from './terminal.ts';

/** The options of a command that say how it prints. */
export interface OutputFlags {
  readonly color: boolean;
  readonly json?: boolean | undefined;
}

/** The terminal of a command. With --json it is silent: stdout then holds the JSON alone. */
export function terminalFor({ color, json = false }: OutputFlags): Terminal {
  return new Terminal(color ? undefined : false, json ? () => {} : undefined);
}

/** The terminal of a command that shows its progress with --json too: then on stderr. */
export function progressTerminalFor({ color, json = false }: OutputFlags) {
  const out = json ? process.stderr : process.stdout;
  const colored = color && picocolors.isColorSupported && out.isTTY === true;
  return { out, colored, terminal: new Terminal(colored, (text) => void out.write(text)) };
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
