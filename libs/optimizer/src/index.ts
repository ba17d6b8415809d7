export { addInto } from './add-into.js';
export { createOptimizer } from './create-optimizer.js';
export { kernels } from './kernels/index.js';
export { javascriptKernels } from './kernels/javascript-kernels.js';
export { createWasmKernels } from './kernels/wasm-kernels.js';
export type {
  AdamScalars,
  GradientSum,
  Kernels,
  MomentumScalars,
} from './kernels/kernels.js';
export { learningRateAt, type ScheduleConfig } from './learning-rate.js';
export {
  type Optimizer,
  type OptimizerConfig,
  type OptimizerUpdate,
} from './optimizer.js';
export { squaredNorm } from './squared-norm.js';
export { TreeSum, type Contribution } from './tree-sum.js';
