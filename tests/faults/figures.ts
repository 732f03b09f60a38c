import { appendFileSync } from 'node:fs';

/** Prints what a run measured, and adds it as a line of JSON to the file that `FAULTS_FIGURES` names. */
export function figures(name: string, values: Readonly<Record<string, string | number>>): void {
  console.log([`${name}:`, ...Object.entries(values).map(([key, value]) => `  ${key}: ${value}`)].join('\n'));
  const file = process.env.FAULTS_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify({ name, ...values })}\n`);
}
