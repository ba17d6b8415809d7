/**
 * Planted bugs in disks, wires and processes around the brains: a table.
 */
import type { PlantedBug } from './planted-bug.js';

/** Each is found by the bits, or as the run is lost. */
export const PLANTED_IN_EDGES: readonly PlantedBug[] = [
  {
    name: 'a checkpoint shares memory with the training',
    plant: () => ({ savesWithoutCopy: true }),
  },
  {
    name: 'a packet shares memory with the training',
    plant: () => ({ sendsWithoutCopy: true }),
  },
  {
    name: 'a half-written checkpoint is taken for a whole one',
    plant: () => ({
      read: (saved) => {
        if (saved === undefined || saved.version === 0) return saved;
        const half = saved.parameters.length / 2;
        return {
          ...saved,
          parameters: saved.parameters.map((x, i) => (i < half ? x : 0)),
        };
      },
    }),
  },
  {
    name: 'a server restores its newest checkpoint, whatever was agreed',
    mode: 'sync',
    plant: () => ({
      read: (saved, _, disk) => disk.read(disk.versions[0] ?? 0) ?? saved,
    }),
  },
  {
    name: 'old checkpoints are removed before the new one is whole everywhere',
    plant: () => ({
      serverEffects: (effects) =>
        effects.map((effect) =>
          effect.type === 'checkpoint'
            ? { ...effect, keepFrom: effect.version }
            : effect,
        ),
    }),
  },
  {
    name: 'a task that was given up is answered as the next one',
    plant: () => ({ answersAbandoned: true }),
  },
  {
    name: 'the order is not cut where a server went back',
    mode: 'bounded',
    plant: () => ({
      serverEffects: (effects) =>
        effects.filter((effect) => effect.type !== 'order' || effect.entry),
      read: (saved) => saved && { ...saved, order: [] },
    }),
  },
];
