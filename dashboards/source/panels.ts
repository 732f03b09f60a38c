import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** One line, or one set of lines, of a panel: a PromQL expression, and the name of what it returns. */
export interface Query {
  readonly expr: string;
  /** Grafana's legend format, such as `{{pod}}`. */
  readonly legend: string;
  /** Puts it on an axis of its own, to the right, in this unit. */
  readonly rightUnit?: string;
}

/** What every panel has. */
export interface PanelOptions {
  readonly title: string;
  /** What the audience should see, and in which phase. */
  readonly description: string;
  /** A unit of Grafana: `s`, `ns`, `bytes`, `reqps`, `percentunit`, `short` and so on. */
  readonly unit: string;
  /** Columns of Grafana's grid, of 24. */
  readonly width: number;
  /** Rows of Grafana's grid, of 30 pixels and a gap of 8. */
  readonly height: number;
  readonly queries: readonly Query[];
  /** Lower bounds and their colours, e.g. `[[0, 'green'], [1, 'red']]`. The first one is the base, whatever its bound. */
  readonly thresholds?: readonly (readonly [from: number, colour: string])[];
  readonly decimals?: number;
  readonly max?: number;
}

/** All panels of a dashboard read the data source that its first variable names. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it.
export const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

const REF_IDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Lines over time. Bars that add up with `stack`; steps rather than slopes with `steps`, for what jumps. */
export function graph(
  options: PanelOptions & { readonly stack?: boolean; readonly steps?: boolean },
): TimeSeries {
  const stack = options.stack ?? false;
  const panel = base(new TimeSeries(), options)
    .min(0)
    // By name, so that a node has one colour in every panel.
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .drawStyle(stack ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineInterpolation(options.steps ? common.LineInterpolation.StepAfter : common.LineInterpolation.Linear)
    .lineWidth(2)
    .fillOpacity(stack ? 60 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (stack) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (options.thresholds !== undefined) {
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  }
  for (const [index, { rightUnit }] of options.queries.entries()) {
    if (rightUnit === undefined) continue;
    panel.overrideByQuery(refId(index), [
      { id: 'unit', value: rightUnit },
      { id: 'custom.axisPlacement', value: common.AxisPlacement.Right },
    ]);
  }
  return panel;
}

/** One figure, coloured by its thresholds. `show: 'name'` shows the name of the series instead of its value. */
export function figure(
  options: PanelOptions & { readonly show?: 'value' | 'name'; readonly noValue?: string },
): Stat {
  // As of now: over a range, a series that ended would still be shown beside its successor.
  const panel = base(new Stat(), options, 'instant')
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .justifyMode(common.BigValueJustifyMode.Center)
    .textMode(options.show === 'name' ? common.BigValueTextMode.Name : common.BigValueTextMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
  return options.noValue === undefined ? panel : panel.noValue(options.noValue);
}

/** A bar per series over time, for values that are states: 1 is `up`, 0 is `down`. */
export function upOrDown(options: Omit<PanelOptions, 'unit' | 'thresholds'>): StateTimeline {
  return base(new StateTimeline(), { ...options, unit: 'short' })
    .mappings([
      {
        type: dashboard.MappingType.ValueToText,
        options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
      },
    ])
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );
}

/** The counter's increase a second, over the interval that fits the panel's width and the scrape. */
export function rate(counter: string, matchers: string): string {
  return `rate(${counter}{${matchers}}[$__rate_interval])`;
}

/** What a builder of a panel offers whatever its kind. */
interface AnyPanel {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: common.DataSourceRef): this;
  unit(unit: string): this;
  span(width: number): this;
  height(height: number): this;
  decimals(decimals: number): this;
  max(max: number): this;
  thresholds(thresholds: dashboard.ThresholdsConfigBuilder): this;
  withTarget(target: DataqueryBuilder): this;
}

function base<T extends AnyPanel>(panel: T, options: PanelOptions, query: 'range' | 'instant' = 'range'): T {
  panel
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .unit(options.unit)
    .span(options.width)
    .height(options.height)
    .thresholds(
      new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(
        (options.thresholds ?? [[0, 'green']]).map(([from, color], index) => ({
          value: index === 0 ? null : from,
          color,
        })),
      ),
    );
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.max !== undefined) panel.max(options.max);
  for (const [index, { expr, legend }] of options.queries.entries()) {
    panel.withTarget(new DataqueryBuilder().refId(refId(index)).expr(expr).legendFormat(legend)[query]());
  }
  return panel;
}

function refId(index: number): string {
  const id = REF_IDS[index];
  if (id === undefined) throw new RangeError(`a panel has at most ${REF_IDS.length} queries`);
  return id;
}
