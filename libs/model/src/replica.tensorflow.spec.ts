import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from './backend.js';
import { describeModel } from './describe-model.js';
import { saveLayersModel } from './layers-model-files.js';
import { notebookTopology } from './notebook-topology.js';
import { Replica } from './replica.js';
import { tensorflow } from './tensorflow.js';
import { describeEveryLayer } from './testing/every-layer.js';
import { describePooledNetwork } from './testing/pooled-laws.js';
import { describeReplica } from './testing/replica-laws.js';
import { examplesOf, parametersOf } from './testing/small-networks.js';

const missing = await startBackend('tensorflow').then(
  () => undefined,
  (error: unknown) => String(error),
);
const title = missing === undefined ? 'tensorflow' : `tensorflow: ${missing}`;

describe.skipIf(missing !== undefined)(title, () => {
  describeReplica(() => startBackend('tensorflow'));
  describePooledNetwork(() => startBackend('tensorflow'));
  describeEveryLayer('tensorflow', {});

  describe('a saved model', () => {
    beforeAll(() => startBackend('tensorflow'));

    it('is loaded from its folder with the same predictions', async () => {
      const shape = { rows: 8, columns: 8, channels: 1, numClasses: 4 };
      const description = describeModel(notebookTopology(shape));
      const parameters = parametersOf(description);
      const examples = examplesOf(description, 3);
      const directory = await mkdtemp(join(tmpdir(), 'muster-model-'));
      try {
        await saveLayersModel(directory, description, parameters);
        const tf = tensorflow();
        const model = await tf.loadLayersModel(
          `file://${directory}/model.json`,
        );
        const images = Float32Array.from(examples.images, (v) => v / 255);
        const output = model.predict(tf.tensor(images, [3, 8, 8, 1])) as Tensor;
        const replica = new Replica(description);
        const expected = replica.predict({ ...examples, parameters });
        // The model's own softmax is float32.
        output.dataSync().forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i]!, 6);
        });
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  });
});
