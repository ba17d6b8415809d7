/**
 * uPlot, which its own script has put in place.
 */
import type uPlot from 'uplot';

/** The class of https://github.com/leeoniya/uPlot. */
export const Plot = (globalThis as unknown as { uPlot: typeof uPlot }).uPlot;
/** One chart. */
export type Plot = uPlot;
/** How a chart is made. */
export type PlotOptions = uPlot.Options;
type Spread = Pick<uPlot.Scale, 'distr'>;

/** An axis by equal steps; uPlot's constants are types alone. */
export const LINEAR = { distr: 1 } as unknown as Spread;
/** An axis by powers of ten. */
export const LOGARITHMIC = { distr: 3 } as unknown as Spread;
