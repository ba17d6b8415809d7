/**
 * The three curves: loss, accuracy, throughput.
 */
import { accuracyFloor, curveData, epochMarks } from './chart-data.js';
import { CurveView } from './curve-view.js';
import type { CurveKind } from './curve-view.js';
import { byId } from './dom.js';
import { count, figure, percent } from './format.js';
import type { News, View } from './painter.js';
import type { RunModel } from './run-model.js';

/** More marks than this are not drawn. */
const MAX_MARKS = 60;

const LOSS: CurveKind = {
  title: 'Loss',
  unit: 'nats; dots: test set',
  isLog: true,
  hasTest: true,
  colour: '--accent',
  range: (low, high) => [low / 1.15, high * 1.15],
  format: figure,
  axisFormat: String,
};
const ACCURACY: CurveKind = {
  title: 'Accuracy',
  unit: 'dots: test set',
  isLog: false,
  hasTest: true,
  colour: '--accent',
  range: (low, _, smooth) => [accuracyFloor(low, smooth), 1],
  format: (share) => percent(share, 1),
  axisFormat: (share) => percent(share, 0),
};
const THROUGHPUT: CurveKind = {
  title: 'Throughput',
  unit: 'images/s; dashes: faults',
  isLog: false,
  hasTest: false,
  colour: '--speed',
  range: (_, high) => [0, high * 1.1],
  format: count,
  axisFormat: count,
};

/** See the head of this file. */
export class CurvesView implements View {
  readonly shows: readonly News[] = [
    ...(['points', 'rollback', 'epoch', 'incident'] as const),
  ];
  readonly #loss = new CurveView(byId('curve-loss', HTMLElement), LOSS);
  readonly #accuracy = new CurveView(
    byId('curve-accuracy', HTMLElement),
    ACCURACY,
  );
  readonly #throughput = new CurveView(
    byId('curve-throughput', HTMLElement),
    THROUGHPUT,
  );

  paint({ points, epochs, facts, incidents }: RunModel): void {
    if (!facts) return;
    const ends = epochMarks(facts.stepsPerEpoch, facts.totalSteps);
    const faults = incidents
      .filter(({ kind }) => kind.endsWith('-lost'))
      .map(({ step }) => step)
      .slice(-MAX_MARKS);
    const marks = { epochs: ends.length > MAX_MARKS ? [] : ends, faults };
    // a logarithmic axis has no zero
    const loss = points.loss.map((one) =>
      one !== null && one > 0 ? one : null,
    );
    this.#loss.update(
      curveData(points, loss, epochs, ({ testLoss }) => testLoss),
      marks,
    );
    this.#accuracy.update(
      curveData(points, points.accuracy, epochs, (one) => one.testAccuracy),
      marks,
    );
    this.#throughput.update(
      curveData(points, points.imagesPerSecond, [], () => 0),
      marks,
    );
  }

  /** Draws again, in the colours of now. */
  restyle(): void {
    for (const view of [this.#loss, this.#accuracy, this.#throughput]) {
      view.restyle();
    }
  }
}
