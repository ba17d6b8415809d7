export {
  readCheckpointOf,
  wholeVersions,
  type WholeVersions,
} from './checkpoint-versions.js';
export { type Disk } from './disk.js';
export { dropNewer } from './drop-newer.js';
export { nodeDisk } from './node-disk.js';
export {
  type CheckpointExpectation,
  type DamagedCheckpoint,
} from './expectation.js';
export {
  readNewestCheckpoint,
  type NewestCheckpoint,
} from './read-newest-checkpoint.js';
export { readWholeRun } from './read-whole-run.js';
export { reshard } from './reshard.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type Safetensors,
} from './safetensors.js';
export { shardDirectory } from './shard-layout.js';
export { type Checkpoint, type KeyRange, type Snapshot } from './snapshot.js';
export { writeCheckpoint } from './write-checkpoint.js';
