/** What the figures of a training are held against. */

/** Loss of somebody who guesses among ten classes, in nats: ln 10. */
export const GUESSING_NATS = 2.303;

/** Share of the test digits that the notebook's network gets right. */
export const GOAL = 0.985;
