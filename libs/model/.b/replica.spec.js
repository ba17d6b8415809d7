import { tensorflow } from './tensorflow.js';
import { describeReplica } from './testing/replica-laws.js';
describeReplica(async () => tensorflow().setBackend('cpu'));
