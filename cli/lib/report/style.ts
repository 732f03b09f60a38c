/** The style of a report: light or dark as the reader's system is set, and black on white in print. Contrast is at least 4.5 to 1. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #10161d; --muted: #47535f; --line: #d5dbe3; --during: #eef3f9;
  --answered: #0072b2; --failed: #b53c00; --gap: #a06000; --good: #00694e; --bad: #b53c00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0c1015; --text: #eef2f6; --muted: #a9b5c2; --line: #2b3642; --during: #18212c;
    --answered: #56b4e9; --failed: #ff7a33; --gap: #f0a92b; --good: #1fc79a; --bad: #ff7a33;
  }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #ffffff; --text: #000000; --muted: #333333; --line: #bbbbbb; --during: #eeeeee;
    --answered: #0072b2; --failed: #b53c00; --gap: #a06000; --good: #00694e; --bad: #b53c00;
  }
  figure, table { break-inside: avoid; }
  * { print-color-adjust: exact; }
}
body {
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.45 system-ui, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.75rem; margin: 0; }
time, .note, figcaption, .marks { color: var(--muted); }
figcaption b { color: var(--text); }
.good { color: var(--good); font-weight: 650; }
.bad { color: var(--bad); font-weight: 650; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.5rem 0; padding: 0; list-style: none; }
.figures b { display: block; font-size: 2rem; line-height: 1.1; }
figure { margin: 1.5rem 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--muted); font-size: 14px; }
svg .y { text-anchor: end; }
svg .x, svg .number { text-anchor: middle; }
svg .grid { stroke: var(--line); }
svg .mark { stroke: var(--muted); stroke-dasharray: 3 3; }
svg .during { fill: var(--during); }
svg path { fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
svg .answered { stroke: var(--answered); }
svg .failed { stroke: var(--failed); }
svg .gap { stroke: var(--gap); }
.marks { padding-left: 1.5rem; }
table { margin: 1.5rem 0; border-collapse: collapse; }
th, td { padding: 0.2rem 1.2rem 0.2rem 0; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child, .text th, .text td { text-align: left; }
`;
