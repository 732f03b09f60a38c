/**
 * The end of the quote, comment or single character that begins at `position`: what a semicolon may hide in.
 * @throws with file and line when a quote or comment is not closed.
 */
export function skipToken(sql: string, position: number, file: string): number {
  if (sql.startsWith('--', position)) {
    const end = sql.indexOf('\n', position);
    return end === -1 ? sql.length : end;
  }
  if (sql.startsWith('/*', position)) return skipBlockComment(sql, position, file);
  for (const [kind, pattern] of QUOTES) {
    pattern.lastIndex = position;
    const opening = pattern.exec(sql);
    if (opening === null) continue;
    const after = position + opening[0].length;
    if (kind === 'word') return after;
    const end =
      kind === 'dollar' ? sql.indexOf(opening[0], after) + opening[0].length : closing(sql, after, kind);
    if (end < after) throw unclosed(sql, position, file, opening[0]);
    return end;
  }
  return position + 1;
}

/** Tried in this order. A word is passed whole, so that a `$` or an `e` inside it opens nothing. */
const QUOTES: readonly (readonly ['escaped' | "'" | '"' | 'dollar' | 'word', RegExp])[] = [
  ['escaped', /[eE]'/y],
  ["'", /'/y],
  ['"', /"/y],
  ['dollar', /\$(?:[A-Za-z_]\w*)?\$/y],
  ['word', /[\p{L}_\d][\p{L}\d_$]*/uy],
];

/** Where the quote that was opened before `from` ends; a doubled quote does not end it. -1 when it never does. */
function closing(sql: string, from: number, kind: 'escaped' | "'" | '"'): number {
  const quote = kind === 'escaped' ? "'" : kind;
  for (let position = from; position < sql.length; position++) {
    if (kind === 'escaped' && sql[position] === '\\') position++;
    else if (sql[position] === quote) {
      if (sql[position + 1] !== quote) return position + 1;
      position++;
    }
  }
  return -1;
}

/** Block comments nest in both dialects. */
function skipBlockComment(sql: string, start: number, file: string): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw unclosed(sql, start, file, '/*');
}

function unclosed(sql: string, position: number, file: string, opening: string): Error {
  return new Error(`${file}:${sql.slice(0, position).split('\n').length}: ${opening} is never closed`);
}
