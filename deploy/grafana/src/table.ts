/** A table: a row a worker or server, a column a question. */
import { TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import type {
  DataTransformerConfig,
  DynamicConfigValue,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { NEUTRAL, thresholdsOf } from './limits.js';
import type { Limits } from './limits.js';
import { DATA_SOURCE, descriptionOf, query, targetsOf } from './panel.js';
import type { PanelFacts, Unit } from './panel.js';

const HEIGHT = 8;

/** One question; its answers have the same labels as all others'. */
export interface Column {
  readonly name: string;
  readonly expr: string;
  readonly unit: Unit;
  readonly limits?: Limits;
  readonly decimals?: number;
  /** Asked for its labels alone; its value is always 1. */
  readonly isInfo?: boolean;
}

/** A panel of present values. */
export interface TableFacts
  extends Omit<PanelFacts, 'queries' | 'unit' | 'limits'> {
  readonly kind: 'table';
  /** Labels that tell the rows apart, by the name of their column. */
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
}

/** Present values side by side, coloured by the limits of their column. */
export function table(facts: TableFacts): PanelBuilder {
  const queries = facts.columns.map(({ name, expr }) => query(expr, name));
  const panel = new PanelBuilder()
    .title(facts.title)
    .description(descriptionOf(facts))
    .datasource(DATA_SOURCE)
    .height(HEIGHT)
    .span(facts.width)
    .unit('short')
    .thresholds(thresholdsOf(NEUTRAL))
    .filterable(true)
    .targets(
      targetsOf(queries).map((target) =>
        target.instant().format(PromQueryFormat.Table),
      ),
    )
    .transformations(oneTableOf(facts));
  for (const column of facts.columns) {
    if (column.isInfo === true) continue;
    panel.overrideByName(column.name, looksOf(column));
  }
  return panel;
}

/** Rows of equal labels become one row; the columns get their names. */
function oneTableOf({ labels, columns }: TableFacts): DataTransformerConfig[] {
  const values = columns.map(({ name }, i) => [
    columns.length === 1 ? 'Value' : valueName(i),
    name,
  ]);
  const renameByName = { ...labels, ...Object.fromEntries(values) } as Record<
    string,
    string
  >;
  const hidden = Object.fromEntries(
    columns.flatMap(({ isInfo }, i) =>
      isInfo === true ? [[valueName(i), true]] : [],
    ),
  ) as Record<string, boolean>;
  const order = Object.keys(renameByName).map((name, i) => [name, i]);
  return [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true, ...hidden },
        indexByName: Object.fromEntries(order) as Record<string, number>,
        renameByName,
      },
    },
  ];
}

/** What Grafana calls the value of a query of several. */
function valueName(index: number): string {
  return `Value #${String.fromCharCode('A'.charCodeAt(0) + index)}`;
}

function looksOf({ unit, limits, decimals }: Column): DynamicConfigValue[] {
  return [
    { id: 'unit', value: unit },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(limits === undefined
      ? []
      : [
          {
            id: 'thresholds',
            value: { mode: ThresholdsMode.Absolute, steps: limits },
          },
          {
            id: 'custom.cellOptions',
            value: { type: TableCellDisplayMode.ColorText },
          },
        ]),
  ];
}
