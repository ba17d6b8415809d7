/** Image files, random streams, permutations and pictures. No tensors. */
export {
  answersOf,
  hardExampleOf,
  surestMistakes,
  surestOf,
} from './answers.js';
export { chunkDataset } from './chunk-dataset.js';
export { imageAt } from './dataset.js';
export { usualName } from './dataset-files.js';
export { DatasetError } from './dataset-error.js';
export { explore } from './explore.js';
export { readIdx, writeIdx } from './idx.js';
export { loadDataset } from './load-dataset.js';
export { normalizePicture } from './normalize-picture.js';
export { permutation } from './permutation.js';
export { decodePng, encodePng } from './png.js';
export { createRandomStream } from './random-stream.js';
export { renderTerminal } from './render-terminal.js';
export { syntheticDataset } from './synthetic-dataset.js';
export { writeDataset } from './write-dataset.js';

export type { Answered, HardExample, TestMistake } from './answers.js';
export type { ChunkedDataset, ChunkedFile } from './chunk-dataset.js';
export type { Dataset, DatasetInput, Split, SplitInput } from './dataset.js';
export type { DatasetErrorCode } from './dataset-error.js';
export type { Exploration, ExploreOptions } from './explore.js';
export type { IdxArray } from './idx.js';
export type { LoadOptions } from './load-dataset.js';
export type { GreyPicture, PngOptions } from './png.js';
export type { RandomStream } from './random-stream.js';
export type { TerminalColors } from './render-terminal.js';
export type { SyntheticOptions } from './synthetic-dataset.js';
