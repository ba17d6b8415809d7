export { startBackend } from './backend.js';
export { describeModel } from './describe-model.js';
export { initialParameters } from './initializers.js';
export { readLayersModel, saveLayersModel } from './layers-model-files.js';
export { notebookTopology } from './notebook-topology.js';
export { NETWORK_CODE_VERSION } from './numerics.js';
export { Replica } from './replica.js';
export { flatWeights, topologyOf, writeBack } from './user-model.js';
