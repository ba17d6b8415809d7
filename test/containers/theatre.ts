/**
 * What the container specs of one file share: the images, the data set, and
 * what the undisturbed training came to.
 */
import { afterAll, beforeAll, inject } from 'vitest';
import { Workbench } from '../cluster/workbench.js';
import { ClusterStage } from './cluster-stage.js';
import type { StageOptions } from './cluster-stage.js';
import { buildImages } from './images.js';
import { reference } from './reference.js';
import type { RunOutcome } from './run-outcome.js';

/** How long the images may take to build, and the training. Milliseconds. */
const OPENING_MS = 600_000;

/** See the head of this file. */
export class Theatre implements AsyncDisposable {
  readonly bench: Workbench;
  readonly images: StageOptions['images'];
  /** The same training by one worker, without containers. */
  readonly undisturbed: RunOutcome;

  constructor(
    bench: Workbench,
    images: StageOptions['images'],
    undisturbed: RunOutcome,
  ) {
    this.bench = bench;
    this.images = images;
    this.undisturbed = undisturbed;
  }

  /** Makes a run that is ready to be served. */
  stage(
    options: Pick<StageOptions, 'servers' | 'epochs'> = {},
  ): Promise<ClusterStage> {
    const { bench, images } = this;
    return ClusterStage.create({
      ...options,
      ...{ bench, images, owner: inject('owner') },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
  }
}

/**
 * Opens a theatre before the tests of a suite, and closes it after them.
 * @returns what gives it, to hooks and tests.
 */
export function useTheatre(): () => Theatre {
  let theatre: Theatre | undefined;
  beforeAll(async () => {
    const bench = await Workbench.create();
    const images = await buildImages();
    theatre = new Theatre(bench, images, await reference(bench));
  }, OPENING_MS);
  afterAll(() => theatre?.[Symbol.asyncDispose]());
  return () => {
    if (theatre === undefined) throw new Error('the theatre is not open');
    return theatre;
  };
}
