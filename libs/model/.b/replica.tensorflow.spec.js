import { describe } from 'vitest';
import { startBackend } from './backend.js';
import { describeEveryLayer } from './testing/every-layer.js';
import { describeReplica } from './testing/replica-laws.js';
const missing = await startBackend('tensorflow').then(() => undefined, (error) => String(error));
const title = missing === undefined ? 'tensorflow' : `tensorflow: ${missing}`;
describe.skipIf(missing !== undefined)(title, () => {
    describeReplica(() => startBackend('tensorflow'));
    describeEveryLayer('tensorflow', {});
});
