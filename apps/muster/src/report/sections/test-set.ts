/**
 * The part of a report about the test set: what is taken for what, and the
 * hardest pictures.
 */
import { formatCount, formatPercent } from '../../view/figures.js';
import type { Section, ShownExample } from '../document.js';
import type { TestFigures } from '../test-figures.js';

/** An evaluation of the run's newest parameters. */
export interface Evaluation {
  /** Of the parameters. */
  readonly version: number;
  /** The data's name. */
  readonly data: string;
  /** `tensorflow 2.12.1` */
  readonly backend: string;
  readonly figures: TestFigures;
  /** The hardest, with their pictures. */
  readonly examples: readonly ShownExample[];
}

/** Makes the section. @param evaluation or why there is none. */
export function testSection(evaluation: Evaluation | string): Section {
  const heading = 'Test set';
  if (typeof evaluation === 'string') {
    return {
      heading,
      blocks: [{ kind: 'note', mood: 'info', text: evaluation }],
    };
  }
  const { version, data, backend, figures, examples } = evaluation;
  const { correct, count, confusion } = figures;
  const share = formatPercent(correct / count);
  const text = `The parameters of step ${formatCount(version)} get ${formatCount(correct)} of the ${formatCount(count)} test images of ${data} right (${share}), computed with ${backend} when this report was made.`;
  return {
    heading,
    blocks: [
      { kind: 'text', text },
      { kind: 'text', text: 'Labels down, answers across:' },
      { kind: 'confusion', counts: confusion },
      {
        kind: 'text',
        text: 'The hardest images: those of whose label the network was least sure.',
      },
      { kind: 'examples', examples },
    ],
  };
}
