/** How figures, lines and histograms are drawn. */
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  LegendDisplayMode,
  LegendPlacement,
} from '@grafana/grafana-foundation-sdk/common';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { thresholdsOf } from './limits.js';
import { DATA_SOURCE, descriptionOf, targetsOf } from './panel.js';
import type { PanelFacts } from './panel.js';

const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;

/** A panel of one figure a run. */
export interface StatFacts extends PanelFacts {
  readonly kind: 'stat';
  readonly decimals?: number;
  /** What a value is called, where a number says nothing. */
  readonly mappings?: readonly ValueMapping[];
  /** Of the whole range, asked once: it has no line behind it. */
  readonly isTotal?: boolean;
}

/** A panel of lines. */
export interface LinesFacts extends PanelFacts {
  readonly kind: 'lines';
  readonly min?: number;
  readonly max?: number;
  /** On top of each other; they must be parts of one whole. */
  readonly isStacked?: boolean;
  /** For each value of a variable one panel. */
  readonly repeat?: string;
}

/** The last figure in large letters, with its course behind it. */
export function stat(facts: StatFacts): StatBuilder {
  const { isTotal = false, decimals, mappings } = facts;
  const panel = new StatBuilder()
    .title(facts.title)
    .description(descriptionOf(facts))
    .datasource(DATA_SOURCE)
    .height(STAT_HEIGHT)
    .span(facts.width)
    .unit(facts.unit)
    .thresholds(thresholdsOf(facts.limits))
    .noValue('–')
    .colorMode(BigValueColorMode.Value)
    .graphMode(isTotal ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .targets(
      targetsOf(facts.queries).map((target) =>
        isTotal ? target.instant() : target,
      ),
    );
  if (decimals !== undefined) panel.decimals(decimals);
  if (mappings) panel.mappings([...mappings]);
  return panel;
}

/** Lines over time, with a broken line where orange and red begin. */
export function lines(facts: LinesFacts): LinesBuilder {
  const { isStacked = false, min, max, repeat } = facts;
  const panel = new LinesBuilder()
    .title(facts.title)
    .description(descriptionOf(facts))
    .datasource(DATA_SOURCE)
    .height(GRAPH_HEIGHT)
    .span(facts.width)
    .unit(facts.unit)
    .thresholds(thresholdsOf(facts.limits))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        GraphThresholdsStyleMode.Dashed,
      ),
    )
    .fillOpacity(isStacked ? 60 : 0)
    .lineWidth(isStacked ? 0 : 2)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(tooltip())
    .targets(targetsOf(facts.queries));
  if (isStacked) {
    panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  }
  if (min !== undefined) panel.min(min);
  if (max !== undefined) panel.max(max);
  if (repeat !== undefined) panel.repeat(repeat).maxPerRow(3);
  return panel;
}

/** A panel of a histogram. */
export interface HeatmapFacts extends PanelFacts {
  readonly kind: 'heatmap';
}

/**
 * How many observations fell into each bucket of a histogram, over time. Its
 * colours are counts: it has no limits to show.
 */
export function heatmap(facts: HeatmapFacts): HeatmapBuilder {
  return new HeatmapBuilder()
    .title(facts.title)
    .description(descriptionOf(facts))
    .datasource(DATA_SOURCE)
    .height(GRAPH_HEIGHT)
    .span(facts.width)
    .unit(facts.unit)
    .thresholds(thresholdsOf(facts.limits))
    .targets(
      targetsOf(facts.queries).map((target) =>
        target.format(PromQueryFormat.Heatmap),
      ),
    );
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}

function tooltip(): VizTooltipOptionsBuilder {
  return new VizTooltipOptionsBuilder()
    .mode(TooltipDisplayMode.Multi)
    .sort(SortOrder.Descending);
}
