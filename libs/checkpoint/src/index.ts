export { type Disk } from './disk.js';
export { nodeDisk } from './node-disk.js';
export {
  readNewestCheckpoint,
  type CheckpointExpectation,
  type DamagedCheckpoint,
  type NewestCheckpoint,
} from './read-newest-checkpoint.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type Safetensors,
} from './safetensors.js';
export { type Checkpoint, type Snapshot } from './snapshot.js';
export { writeCheckpoint } from './write-checkpoint.js';
