import { formatCount, formatMs } from './format.ts';

export interface SeriesDefinition {
  readonly column: string;
  readonly label: string;
  /** A custom property of `style.css`. */
  readonly colour: string;
  readonly width: number;
  /** So that colour is not the only thing that tells two lines apart. */
  readonly dash: readonly number[];
  /** 0 is drawn as nothing: the figure only means something while something runs. */
  readonly hideZero?: boolean;
}

export interface ChartDefinition {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly scale: 'linear' | 'log';
  /** The smallest top of a linear scale, so that a quiet line looks quiet. */
  readonly top: number;
  /** Its share of the height that the charts have. */
  readonly weight: number;
  readonly format: (value: number | null | undefined) => string;
  readonly series: readonly SeriesDefinition[];
  /** Fills the space between the first and the last series. */
  readonly band?: boolean;
}

const SOLID: readonly number[] = [];
const DASHED = [9, 5];
const DOTTED = [2, 4];
const DASH_DOT = [12, 4, 3, 4];

// One colour for what goes through the writer and one for what goes through the reader, in every chart.
const WRITES = '--writes';
const READS = '--reads';

function percentiles(route: string, colour: string): SeriesDefinition[] {
  return [
    { column: `${route}.p99`, label: 'p99', colour, width: 1.5, dash: DOTTED },
    { column: `${route}.p95`, label: 'p95', colour, width: 1.5, dash: DASHED },
    { column: `${route}.p50`, label: 'p50', colour, width: 3, dash: SOLID },
  ];
}

const latency = { note: 'log scale', scale: 'log', top: 0, weight: 1.25, format: formatMs } as const;

export const CHARTS: readonly ChartDefinition[] = [
  {
    name: 'rps',
    title: 'Requests/s',
    note: '',
    scale: 'linear',
    top: 10,
    weight: 1.7,
    format: formatCount,
    series: [
      {
        column: 'spike.target',
        label: 'spike target',
        colour: '--target',
        width: 2,
        dash: DASHED,
        hideZero: true,
      },
      {
        column: 'spike.achieved',
        label: 'spike achieved',
        colour: '--achieved',
        width: 3,
        dash: DASH_DOT,
        hideZero: true,
      },
      { column: 'search.rps', label: 'search', colour: READS, width: 3, dash: SOLID },
      { column: 'login.rps', label: 'login', colour: WRITES, width: 3, dash: SOLID },
    ],
  },
  { ...latency, name: 'search', title: '/search latency', band: true, series: percentiles('search', READS) },
  { ...latency, name: 'login', title: '/login latency', band: true, series: percentiles('login', WRITES) },
  {
    ...latency,
    name: 'database',
    title: 'Database latency',
    weight: 1.5,
    series: [
      { column: 'writer.p99', label: 'writer p99', colour: WRITES, width: 1.5, dash: DOTTED },
      { column: 'writer.p50', label: 'writer p50', colour: WRITES, width: 3, dash: SOLID },
      { column: 'reader.p99', label: 'reader p99', colour: READS, width: 1.5, dash: DOTTED },
      { column: 'reader.p50', label: 'reader p50', colour: READS, width: 3, dash: SOLID },
    ],
  },
  {
    name: 'errors',
    title: 'Errors/s',
    note: '',
    scale: 'linear',
    top: 5,
    weight: 0.95,
    format: formatCount,
    series: [
      { column: 'login.errors', label: 'login', colour: WRITES, width: 3, dash: SOLID },
      { column: 'search.errors', label: 'search', colour: READS, width: 3, dash: SOLID },
      { column: 'writer.errors', label: 'writer', colour: WRITES, width: 2, dash: DASHED },
      { column: 'reader.errors', label: 'reader', colour: READS, width: 2, dash: DASHED },
    ],
  },
  {
    name: 'gap',
    title: 'Witness gap',
    note: '',
    scale: 'linear',
    top: 2_000,
    weight: 0.95,
    format: formatMs,
    series: [
      { column: 'witness.writeGap', label: 'since a write', colour: WRITES, width: 3, dash: SOLID },
      { column: 'witness.readGap', label: 'since a read', colour: READS, width: 3, dash: DASHED },
    ],
  },
];
