/**
 * Planted bugs in what is computed, added and applied: a table.
 */
import { EMPTY_LEDGER, ParameterShard, Plan, TaskSum } from '@muster/cluster';
import type { WorkerEffect } from '@muster/cluster';
import { kernels, TreeSum } from '@muster/optimizer';
import type { Contribution } from '@muster/optimizer';
import { payloadAsFloat32 } from '@muster/protocol';
import type { PlantedBug } from './planted-bug.js';
import { messageIn } from './planted-bug.js';
import type { Sabotage } from './sabotage.js';
import { firstParameters, NUM_PARAMETERS } from './tiny-run.js';

/** Replaces one method of a class until it is undone. */
function patched<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => () => void {
  return () => {
    const original = prototype[name];
    prototype[name] = make(original);
    return () => {
      prototype[name] = original;
    };
  };
}

function scaled(contribution: Contribution, by: number): Contribution {
  return { ...contribution, slice: contribution.slice.map((x) => x * by) };
}

/** Each is found by the bits, or by what the ledger says. */
export const PLANTED_IN_NUMBERS: readonly PlantedBug[] = [
  {
    name: 'the duplicate check is skipped',
    plant: () => ({
      patch: patched(TreeSum.prototype, 'covers', () => () => 'none'),
    }),
  },
  {
    name: 'a duplicate is applied again',
    mode: 'async',
    plant: () => ({
      patch: patched(ParameterShard.prototype, 'push', (push) => {
        return function (this: ParameterShard, pushed) {
          const decision = push.call(this, pushed);
          if (decision.outcome !== 'duplicate') return decision;
          const applied = this.replay(pushed);
          return { outcome: 'accepted', staleness: 0, applied };
        };
      }),
    }),
  },
  {
    name: 'a contribution is accepted and dropped',
    plant: (random) => ({
      patch: patched(TreeSum.prototype, 'add', (add) => {
        return function (this: TreeSum, first, num, contribution) {
          if (random.chance(0.02)) return;
          add.call(this, first, num, contribution);
        };
      }),
    }),
  },
  {
    name: 'the sum is made in order of arrival',
    plant: () => {
      const sums = new WeakMap<TreeSum, Contribution>();
      const undo: (() => void)[] = [];
      return {
        patch: () => {
          undo.push(
            patched(TreeSum.prototype, 'add', (add) => {
              return function (this: TreeSum, first, num, contribution) {
                const before = sums.get(this);
                const slice = contribution.slice.map(
                  (value, i) => value + (before?.slice[i] ?? 0),
                );
                add.call(this, first, num, contribution);
                sums.set(this, { ...contribution, slice });
              };
            })(),
            patched(TreeSum.prototype, 'takeRoot', (takeRoot) => {
              return function (this: TreeSum) {
                const root = takeRoot.call(this);
                return { ...root, slice: sums.get(this)?.slice ?? root.slice };
              };
            })(),
          );
          return () => {
            for (const one of undo) one();
          };
        },
      };
    },
  },
  {
    name: 'a task pushes the mean of its leaves',
    plant: () => ({
      gradient: (result, { numLeaves }) => ({
        ...result,
        gradient: result.gradient.map((value) => value / numLeaves),
      }),
    }),
  },
  {
    name: 'a gradient depends on who computes it',
    plant: () => ({
      gradient: (result, _, { name }) => ({
        ...result,
        gradient: result.gradient.map((value) =>
          name === 'worker-1' ? Math.fround(value * 1.0000001) : value,
        ),
      }),
    }),
  },
  {
    name: 'a leaf that is computed again is its neighbor',
    plant: () => {
      const seen = new Set<string>();
      return {
        workerEffects: (effects) =>
          effects.map((effect): WorkerEffect => {
            if (effect.type !== 'compute') return effect;
            const { task } = effect;
            if (task.kind !== 'gradient') return effect;
            const key = `${task.step}/${task.firstLeaf}`;
            const isAgain = seen.has(key);
            seen.add(key);
            if (!isAgain || task.firstLeaf === 0) return effect;
            return {
              ...effect,
              task: { ...task, firstLeaf: task.firstLeaf - 1 },
            };
          }),
      };
    },
  },
  {
    name: 'a short step counts as a full one',
    plant: () => ({
      patch: patched(ParameterShard.prototype, 'replay', (replay) => {
        return function (this: ParameterShard, root) {
          return replay.call(this, { ...root, count: 20 });
        };
      }),
    }),
  },
  {
    name: 'a standby adds the sum twice as large',
    plant: () => ({
      patch: patched(ParameterShard.prototype, 'replay', (replay) => {
        return function (this: ParameterShard, root) {
          return replay.call(this, scaled(root, 2));
        };
      }),
    }),
  },
  {
    name: 'a task adds its leaves one after the other',
    plant: () => {
      const sums = new WeakMap<TaskSum, Float32Array>();
      return {
        patch: () => {
          const undo = [
            patched(TaskSum.prototype, 'addLeaf', (addLeaf) => {
              return function (this: TaskSum, leaf) {
                const before = sums.get(this);
                const slice = leaf.slice.map(
                  (value, i) => value + (before?.[i] ?? 0),
                );
                sums.set(this, slice);
                addLeaf.call(this, leaf);
              };
            })(),
            patched(TaskSum.prototype, 'take', (take) => {
              return function (this: TaskSum) {
                const sum = take.call(this);
                return { ...sum, slice: sums.get(this) ?? sum.slice };
              };
            })(),
          ];
          return () => {
            for (const one of undo) one();
          };
        },
      };
    },
  },
  {
    name: 'a sum in 16 bits is rounded only where it is pushed',
    plant: () => ({
      patch: patched(kernels, 'roundToBfloat16', () => () => undefined),
    }),
  },
  {
    name: 'the learning rate is that of the step after',
    plant: () => {
      let isOff = false;
      return {
        // from the first restore on, as if a counter had been lost
        serverEvent: (event) => {
          if (event.type === 'restored' && event.version > 0) isOff = true;
          return event;
        },
        patch: patched(Plan.prototype, 'learningRateAt', (learningRateAt) => {
          return function (this: Plan, step) {
            return learningRateAt.call(this, isOff ? step + 1 : step);
          };
        }),
      };
    },
  },
  {
    name: 'staleness is not checked',
    mode: 'async',
    plant: () => ({
      patch: patched(ParameterShard.prototype, 'push', (push) => {
        return function (this: ParameterShard, pushed) {
          return push.call(this, { ...pushed, base: this.version });
        };
      }),
    }),
  },
  {
    name: 'an evaluation takes the newest parameters',
    plant: () => evaluatesNewest(),
  },
  {
    name: "the optimizer's state is not restored",
    plant: () => ({
      serverEvent: (event) =>
        event.type === 'restored' ? { ...event, slots: {} } : event,
    }),
  },
  {
    name: 'the ledger is not restored',
    plant: () => ({
      serverEvent: (event) =>
        event.type === 'restored' ? { ...event, ledger: EMPTY_LEDGER } : event,
    }),
  },
  {
    name: 'a server that restores begins at version 0',
    plant: () => ({
      serverEvent: (event, { machine }) => {
        if (event.type !== 'restored' || machine.shard) return event;
        const { length } = event.parameters;
        return { ...event, parameters: firstParameters().slice(0, length) };
      },
    }),
  },
  {
    name: 'only the lost server restores',
    plant: () => ({
      serverEvent: (event, { machine }) => {
        const { shard } = machine;
        if (event.type !== 'restored' || shard === undefined) return event;
        const parameters = shard.parameters.slice();
        return { ...event, parameters, slots: { ...shard.slots } };
      },
    }),
  },
];

function evaluatesNewest(): Sabotage {
  const newest = new Map<string, Float32Array>();
  return {
    workerEvent: (event, { name }) => {
      const parameters = messageIn(event, 'parameters');
      if (!parameters || event.type !== 'packet') return event;
      const { begin, end } = parameters;
      const whole = newest.get(name) ?? new Float32Array(NUM_PARAMETERS);
      whole.set(payloadAsFloat32(event.packet.payload, end - begin), begin);
      newest.set(name, whole);
      return event;
    },
    workerEffects: (effects, { name }) =>
      effects.map((effect) =>
        effect.type === 'compute' && effect.task.kind === 'evaluate'
          ? {
              ...effect,
              parameters: (newest.get(name) ?? effect.parameters).slice(),
            }
          : effect,
      ),
  };
}
