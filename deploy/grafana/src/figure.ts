/** One panel of a dashboard, of any kind. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { heatmap, lines, stat } from './figures.js';
import type { HeatmapFacts, LinesFacts, StatFacts } from './figures.js';
import { table } from './table.js';
import type { TableFacts } from './table.js';

/** See the head of this file. */
export type Figure = StatFacts | LinesFacts | HeatmapFacts | TableFacts;

/** Makes the panel that the library knows; its place comes later. */
export function drawn(figure: Figure): Builder<Panel> {
  switch (figure.kind) {
    case 'stat':
      return stat(figure);
    case 'lines':
      return lines(figure);
    case 'heatmap':
      return heatmap(figure);
    case 'table':
      return table(figure);
  }
}
