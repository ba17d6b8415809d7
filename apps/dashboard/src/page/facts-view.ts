/**
 * What the run is, for reference.
 */
import { byId, make } from './dom.js';
import { count } from './format.js';
import type { View } from './painter.js';
import type { RunModel } from './run-model.js';

/** See the head of this file. */
export class FactsView implements View {
  readonly shows = [];

  paint({ facts }: RunModel): void {
    if (!facts) return;
    const batch = `${count(facts.globalBatch)} images in ${count(facts.microBatches)} leaves`;
    const rows: readonly (readonly [string, string])[] = [
      ['Network', `${facts.network}, ${count(facts.numParameters)} parameters`],
      [
        'Data',
        `${facts.dataset}: ${count(facts.numTrain)} to train, ${count(facts.numTest)} to test`,
      ],
      ['Step', batch],
      [
        'Length',
        `${count(facts.epochs)} epochs of ${count(facts.stepsPerEpoch)} steps`,
      ],
      ['Optimizer', facts.optimizer],
      ['Consistency', facts.consistency],
      ['Servers', count(facts.numServers)],
      ['Seed', String(facts.seed)],
    ];
    byId('facts', HTMLElement).replaceChildren(
      ...rows.map(([name, value]) =>
        make(
          'div',
          {},
          make('dt', { text: name }),
          make('dd', { text: value }),
        ),
      ),
    );
  }
}
