/** What a picture takes from a dashboard's JSON. */
export interface Drawn {
  readonly title?: string;
  readonly panels?: readonly {
    readonly type: string;
    readonly title?: string;
    readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  }[];
}

const COLUMN = 40;
const ROW = 20;
const GAP = 4;
const HEADER = 34;
/** Pixels of a letter, on average, at the size used. */
const LETTER = 6.4;

/** The layout of a dashboard as SVG: where each panel lies, its title and its kind. 24 columns are 960 pixels. */
export function picture(dashboard: Drawn): string {
  const panels = (dashboard.panels ?? []).map(({ type, title = '', gridPos }) => {
    if (gridPos === undefined) throw new Error(`the panel "${title}" has no place`);
    return { type, title, ...gridPos };
  });
  const height = HEADER + ROW * Math.max(0, ...panels.map(({ y, h }) => y + h)) + GAP;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * COLUMN} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>Layout of the dashboard ${xml(dashboard.title ?? '')}</title>`,
    `<rect width="100%" height="100%" fill="#f4f5f5"/>`,
    `<text x="${GAP * 2}" y="22" font-size="15" font-weight="bold" fill="#24292e">${xml(dashboard.title ?? '')}</text>`,
    ...panels.flatMap(draw),
    '</svg>',
  ].join('\n')}\n`;
}

function draw(panel: { type: string; title: string; x: number; y: number; w: number; h: number }): string[] {
  const x = panel.x * COLUMN + GAP / 2;
  const y = HEADER + panel.y * ROW;
  const width = panel.w * COLUMN - GAP;
  const height = panel.h * ROW - GAP;
  if (panel.type === 'row') {
    return [`<text x="${x + 6}" y="${y + 14}" font-weight="bold" fill="#24292e">${xml(panel.title)}</text>`];
  }
  const lines = wrap(panel.title, Math.floor((width - 12) / LETTER));
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" fill="#ffffff" stroke="#c7d0d9"/>`,
    ...lines.map(
      (line, index) => `<text x="${x + 6}" y="${y + 16 + index * 14}" fill="#24292e">${xml(line)}</text>`,
    ),
    `<text x="${x + 6}" y="${y + height - 6}" font-size="10" fill="#6e7781">${xml(panel.type)}</text>`,
  ];
}

function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
