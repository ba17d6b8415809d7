/** What a panel is, apart from how it is drawn: `figures.ts` and `table.ts`. */
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import type * as units from '@grafana/grafana-foundation-sdk/units';
import type { Limits } from './limits.js';

/** A unit that Grafana knows, by its name there: `s`, `percentunit`, ... */
export type Unit = Extract<(typeof units)[keyof typeof units], string>;

/** A question to Prometheus and how its series are called. */
export interface Query {
  readonly expr: string;
  /** With `{{label}}`s. */
  readonly legend: string;
}

/** What all kinds of panels have. */
export interface PanelFacts {
  /** Unlike all others of its dashboard. */
  readonly title: string;
  /** What it shows, in sentences. */
  readonly shows: string;
  /** When it is red and what to do then, in sentences. */
  readonly red: string;
  readonly unit: Unit;
  readonly limits: Limits;
  /** In columns of 24 a row. */
  readonly width: number;
  readonly queries: readonly Query[];
}

/** The data source that is chosen at the head of the dashboard. */
export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The text behind the (i) of a panel, in Markdown. */
export function descriptionOf({
  shows,
  red,
}: Pick<PanelFacts, 'shows' | 'red'>): string {
  return `${shows}\n\n**Red:** ${red}`;
}

/** A question over the time that the dashboard shows. */
export function query(expr: string, legend: string): Query {
  return { expr, legend };
}

/** Queries as the library wants them, `A` the first. */
export function targetsOf(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, i) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + i))
      .datasource(DATA_SOURCE)
      .expr(expr)
      .legendFormat(legend)
      .range(),
  );
}
