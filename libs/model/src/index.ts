export { numTensors, startBackend } from './backend.js';
export type { BackendInfo, BackendName } from './backend.js';
export type { BatchLoss } from './cross-entropy.js';
export { describeModel } from './describe-model.js';
export type { ModelDescription } from './describe-model.js';
export type { ParametersInput } from './device-parameters.js';
export { initialParameters } from './initializers.js';
export type { CreateStream } from './initializers.js';
export { readLayersModel, saveLayersModel } from './layers-model-files.js';
export type { TrainedModel } from './layers-model-files.js';
export { notebookTopology } from './notebook-topology.js';
export type { PictureShape } from './notebook-topology.js';
export { NETWORK_CODE_VERSION } from './numerics.js';
export { Replica } from './replica.js';
export type {
  EvaluateInput,
  GradientInput,
  PredictInput,
  Scores,
} from './replica.js';
export { flatWeights, topologyOf, writeBack } from './user-model.js';
