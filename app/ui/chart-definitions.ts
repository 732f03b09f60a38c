import { formatCount, formatMs } from './common/format.ts';

export interface SeriesDefinition {
  readonly column: string;
  readonly label: string;
  /** A custom property of `style.css`. */
  readonly colour: string;
  readonly width: number;
  /** Distinguishes two lines by more than colour. */
  readonly dash: readonly number[];
  /** 0 is drawn as nothing: the value only means something while something runs. */
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
}

const SOLID: readonly number[] = [];
const DASHED = [9, 5];
const DOTTED = [2, 4];
const DASH_DOT = [12, 4, 3, 4];

// One colour for what goes through the writer and one for what goes through the reader, in every chart.
const WRITES = '--writes';
const READS = '--reads';

const latency = { scale: 'log', top: 0, weight: 1.2, format: formatMs } as const;

/** Within which half of them were answered, solid, and 99 of 100, dotted. */
function times(column: string, name: string, colour: string): SeriesDefinition[] {
  return [
    { column: `${column}.p50`, label: name, colour, width: 3, dash: SOLID },
    { column: `${column}.p99`, label: '99 %', colour, width: 1.5, dash: DOTTED },
  ];
}

const spike = { width: 2, hideZero: true } as const;
const searches: SeriesDefinition = {
  column: 'search.answered',
  label: 'searches',
  colour: READS,
  width: 3,
  dash: SOLID,
};
const logins: SeriesDefinition = {
  column: 'login.answered',
  label: 'logins',
  colour: WRITES,
  width: 3,
  dash: SOLID,
};

const REQUESTS: ChartDefinition = {
  name: 'requests',
  title: 'Answered/s',
  note: '',
  scale: 'linear',
  top: 10,
  weight: 1.5,
  format: formatCount,
  series: [searches, logins],
};
const ERRORS: ChartDefinition = {
  name: 'errors',
  title: 'Failed/s',
  note: '',
  scale: 'linear',
  top: 5,
  weight: 0.8,
  format: formatCount,
  series: [
    { column: 'search.errors', label: 'searches', colour: READS, width: 3, dash: SOLID },
    { column: 'login.errors', label: 'logins', colour: WRITES, width: 3, dash: DASHED },
  ],
};
const GAP: ChartDefinition = {
  name: 'gap',
  title: 'No answer for',
  note: '',
  scale: 'linear',
  top: 2_000,
  weight: 0.8,
  format: formatMs,
  series: [
    { column: 'witness.readGap', label: 'reads', colour: READS, width: 3, dash: SOLID },
    { column: 'witness.writeGap', label: 'writes', colour: WRITES, width: 3, dash: DASHED },
  ],
};

/** For the last row: the same three lines of the story, and nothing else. */
export const STAGE_CHARTS: readonly ChartDefinition[] = [
  { ...REQUESTS, weight: 1 },
  { ...ERRORS, weight: 1 },
  { ...GAP, weight: 1 },
];

export const CHARTS: readonly ChartDefinition[] = [
  {
    ...REQUESTS,
    series: [
      searches,
      { ...spike, column: 'spike.target', label: 'spike asks', colour: '--target', dash: DASHED },
      logins,
      { ...spike, column: 'spike.achieved', label: 'spike gets', colour: '--achieved', dash: DASH_DOT },
    ],
  },
  ERRORS,
  GAP,
  {
    ...latency,
    name: 'answer',
    title: 'Time to answer',
    note: 'log scale',
    series: [...times('search', 'searches', READS), ...times('login', 'logins', WRITES)],
  },
  {
    ...latency,
    name: 'database',
    title: 'In the database',
    note: 'log scale',
    series: [...times('reader', 'reads', READS), ...times('writer', 'writes', WRITES)],
  },
];
