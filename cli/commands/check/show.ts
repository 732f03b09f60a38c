import type { Finding } from '../../lib/cluster/findings.ts';
import type { Target } from '../../lib/phase/settings.ts';
import type { Terminal } from '../../ui/terminal.ts';

export function showFindings(
  terminal: Terminal,
  { stack, namespaces }: Target,
  found: readonly Finding[],
): void {
  terminal.line(`${stack}, namespace ${namespaces.database}`);
  const width = Math.max(...found.map(({ part }) => part.length));
  for (const { part, ok, detail, next } of found) {
    const text = `${ok ? 'ok  ' : 'BAD '}  ${part.padEnd(width)}  ${detail}`;
    if (ok) terminal.line(text);
    else terminal.bad(text);
    if (next !== undefined) terminal.line(`${' '.repeat(width + 8)}Next: ${next}`);
  }
  const bad = found.filter(({ ok }) => !ok).length;
  if (bad === 0) terminal.good(`All ${found.length} parts are as ${stack} needs them.`);
  else terminal.bad(`${bad} of ${found.length} parts are not as ${stack} needs them.`);
}
