import { isSecret, isUnknown, type Value } from '../program/resources.ts';
import type { PropertyChange } from './properties.ts';

/** One line of a difference: `+` is added, `-` is removed, a blank is context. */
export interface Line {
  readonly mark: '+' | '-' | ' ';
  readonly text: string;
}

const LONGEST = 90;

/** A value in one line. A secret is shown as `[secret]`. */
export function valueText(value: Value): string {
  if (isSecret(value)) return '[secret]';
  if (isUnknown(value)) return '[known after up]';
  const text = JSON.stringify(value, (_, inner) => (isSecret(inner) ? '[secret]' : inner));
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 4)} ...`;
}

/** A changed property: in one line where it fits, line by line for SQL and other long text. */
export function changeLines({ path, before, after }: PropertyChange): Line[] {
  if (isStatements(after))
    return [
      { mark: ' ', text: `${path}, to run:` },
      ...toRun(before, after)
        .flatMap((text) => text.split('\n'))
        .map((text) => ({ mark: '+' as const, text: `  ${text}` })),
    ];
  const was = before === undefined ? undefined : blocks(before);
  const is = after === undefined ? undefined : blocks(after);
  if (was === undefined && is === undefined) {
    const text = `${before === undefined ? '' : valueText(before)} => ${after === undefined ? '(removed)' : valueText(after)}`;
    return [
      { mark: ' ', text: before === undefined ? `${path}: ${valueText(after ?? null)}` : `${path}: ${text}` },
    ];
  }
  return [
    { mark: ' ', text: `${path}:` },
    ...differing(
      was ?? (before === undefined ? [] : [valueText(before)]),
      is ?? (after === undefined ? [] : [valueText(after)]),
    ).flatMap(({ mark, text }) => text.split('\n').map((line) => ({ mark, text: `  ${line}` }))),
  ];
}

/** A property of a new resource. */
export function newLines(path: string, value: Value): string[] {
  const parts = blocks(value);
  if (parts === undefined) return [`${path}: ${valueText(value)}`];
  return [`${path}:`, ...parts.flatMap((part) => part.split('\n')).map((line) => `  ${line}`)];
}

/** Statements one by one, long text by its lines; undefined for what fits on one line. */
function blocks(value: Value): string[] | undefined {
  if (isStatements(value)) return value;
  if (Array.isArray(value)) {
    const texts = value.filter((item) => typeof item === 'string');
    return texts.length === value.length && JSON.stringify(value).length > LONGEST ? texts : undefined;
  }
  if (typeof value !== 'string') return undefined;
  if (value.trim().includes('\n')) return value.trimEnd().split('\n');
  return isStatement(value) ? [value] : undefined;
}

/** The statements to run: those in `before` have already run, and are not undone. Empty when `after` is not a list of statements. */
export function toRun(before: Value | undefined, after: Value | undefined): readonly string[] {
  const ran: readonly Value[] = Array.isArray(before) ? before : [];
  return isStatements(after) ? after.filter((text) => !ran.includes(text)) : [];
}

/** A list of SQL statements, as the providers take it. */
function isStatements(value: Value | undefined): value is string[] {
  return Array.isArray(value) && value.some(isStatement) && value.every((item) => typeof item === 'string');
}

function isStatement(value: Value): boolean {
  return (
    typeof value === 'string' &&
    /^(ALTER|BACKUP|CREATE|GRANT|INSERT|REVOKE|SELECT|SET|SHOW|UPSERT|USE)\s/.test(value)
  );
}

/** What is added and removed between two lists, by their longest common subsequence. */
export function differing(before: readonly string[], after: readonly string[]): Line[] {
  // common[i][j]: the length of the longest common subsequence of `before` from i on and `after` from j on.
  const common = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i += 1;
      j += 1;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', text: before[i] ?? '' });
      i += 1;
    } else {
      lines.push({ mark: '+', text: after[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}
