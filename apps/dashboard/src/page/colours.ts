/**
 * Which colour stands for which worker. Colours never stand alone: a number or
 * a name is always beside them.
 */

/** How many colours there are; the tenth worker has the second's again. */
export const NUM_COLOURS = 8;

/** The number in a worker's name, else its place among all names. */
export function workerNumber(id: string, ids: readonly string[]): number {
  const digits = /(\d+)$/.exec(id)?.[1];
  return digits === undefined ? Math.max(0, ids.indexOf(id)) : Number(digits);
}

/** Class of the style sheet for a worker's colour: `w0` to `w7`. */
export function workerClass(id: string, ids: readonly string[]): string {
  return `w${workerNumber(id, ids) % NUM_COLOURS}`;
}

/** What is written into its cells: its number, or how its name begins. */
export function workerMark(id: string): string {
  const digits = /(\d+)$/.exec(id)?.[1];
  return digits ?? id.slice(0, 2);
}
