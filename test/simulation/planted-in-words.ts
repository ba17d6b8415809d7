/**
 * Planted bugs in what is said, when it is said, and what is kept of it: a
 * table.
 */
import type { ServerEffect, ServerEvent } from '@muster/cluster';
import {
  messageIn,
  serversDrop,
  serversHear,
  serversSay,
  workersDrop,
  workersSay,
} from './planted-bug.js';
import type { PlantedBug } from './planted-bug.js';
import type { SeededRandom } from './seeded-random.js';

/** Each is found by the bits, by a promise, or as the run does not end. */
export const PLANTED_IN_WORDS: readonly PlantedBug[] = [
  {
    name: 'a lease never expires',
    plant: () => ({
      serverOptions: (options) => ({ ...options, leaseMs: 1e9 }),
    }),
  },
  {
    name: 'a worker that was cut off sends nothing again',
    plant: () => {
      const sent = new Set<string>();
      return {
        workerEffects: (effects, { name, life }) =>
          effects.filter((effect) => {
            if (effect.type !== 'send') return true;
            const { message } = effect.packet;
            if (message.type !== 'push') return true;
            const key = `${name}/${life}/${effect.link}/${message.pushId}`;
            const isAgain = sent.has(key);
            sent.add(key);
            return !isAgain;
          }),
      };
    },
  },
  {
    name: 'the coordinator is not told of some pushes',
    plant: (random) => serversDrop(random, 0.05, 'received'),
  },
  {
    name: 'a push is answered and forgotten',
    plant: (random) => answersAndForgets(random),
  },
  {
    name: 'a leaf counts as in on every server when one has it',
    plant: () => ({
      serverEvent: (event, { machine }) => {
        const received = messageIn(event, 'received');
        if (!received || event.type !== 'packet') return event;
        const version = (machine.shard?.version ?? 0) + 1;
        const message = { ...received, version };
        return { ...event, packet: { message } };
      },
    }),
  },
  {
    name: 'the mistakes of some chunks are forgotten',
    plant: (random) => ({
      serverEvent: (event) => {
        const evaluated = messageIn(event, 'evaluated');
        if (!evaluated || event.type !== 'packet') return event;
        if (!random.chance(0.2)) return event;
        return {
          ...event,
          packet: { message: { ...evaluated, mistakes: [] } },
        };
      },
    }),
  },
  {
    name: 'a returned task is not given again',
    plant: (random) => workersDrop(random, 1, 'task-returned'),
  },
  {
    name: 'a failed task is not given again',
    plant: (random) => workersDrop(random, 1, 'task-failed'),
  },
  {
    name: 'workers are not told that a server has moved',
    plant: (random) => serversDrop(random, 1, 'shards'),
  },
  {
    name: 'a pull of an older version is not answered',
    plant: () =>
      serversHear((event) => {
        const pull = messageIn(event, 'pull');
        return pull?.version === undefined ? event : undefined;
      }),
  },
  {
    name: 'a server says that it is one version further',
    plant: () =>
      serversSay((message) =>
        message.type === 'shard-join' && message.version !== undefined
          ? { ...message, version: message.version + 1 }
          : undefined,
      ),
  },
  {
    name: 'every history has the same term',
    plant: () => ({
      workerEvent: (event) => {
        const parameters = messageIn(event, 'parameters');
        if (!parameters || event.type !== 'packet') return event;
        const message = { ...parameters, term: 1 };
        return { ...event, packet: { ...event.packet, message } };
      },
    }),
  },
  {
    name: 'a push of a given-up history counts in the new one',
    mode: 'async',
    plant: () => ({
      serverEvent: (event, { machine }) => {
        const push = messageIn(event, 'push');
        if (!push || event.type !== 'packet') return event;
        const message = { ...push, term: machine.term };
        return { ...event, packet: { ...event.packet, message } };
      },
    }),
  },
  {
    name: 'frames of an older life of a worker are accepted',
    plant: () => acceptsOldLives(),
  },
  {
    name: 'a standby skips a step',
    plant: (random) => ({
      serverEvent: (event) =>
        messageIn(event, 'replicate') && random.chance(0.2) ? undefined : event,
    }),
  },
  {
    name: 'a standby applies a sum of zeros now and then',
    plant: (random) =>
      serversHear((event) => {
        if (!messageIn(event, 'replicate') || event.type !== 'packet') {
          return event;
        }
        if (!random.chance(0.3)) return event;
        const payload = new Uint8Array(event.packet.payload?.length ?? 0);
        return { ...event, packet: { ...event.packet, payload } };
      }),
  },
  {
    name: 'a standby has no account',
    plant: () => ({
      serverEvent: (event) => {
        if (!messageIn(event, 'ledger') || event.type !== 'packet') {
          return event;
        }
        const { EMPTY } = ACCOUNTS;
        return { ...event, packet: { ...event.packet, payload: EMPTY } };
      },
    }),
  },
  {
    name: 'a standby does not say that it keeps up',
    plant: (random) => serversDrop(random, 0.1, 'replicated'),
  },
  {
    name: 'a primary that was replaced is not told',
    plant: () => ({
      serverEffects: (effects, { machine }) =>
        effects.filter(
          (effect) =>
            effect.type !== 'send' ||
            effect.packet.message.type !== 'follow' ||
            machine.role !== 'primary',
        ),
    }),
  },
  {
    name: 'a standby is not promoted',
    plant: (random) => serversDrop(random, 1, 'promote'),
  },
  {
    name: 'ends of epochs are not kept for their evaluation',
    plant: () => ({
      serverEvent: (event, { machine }) => {
        const pull = messageIn(event, 'pull');
        const newest = machine.shard?.version ?? 0;
        const isPinned = machine.shard?.pinned.has(pull?.version ?? -1);
        const isOld = (pull?.version ?? newest) < newest;
        return isPinned === true && isOld ? undefined : event;
      },
    }),
  },
  {
    name: 'a heartbeat is not answered',
    plant: (random) => serversDrop(random, 1, 'heartbeat'),
  },
];

const ACCOUNTS = {
  EMPTY: new TextEncoder().encode(
    JSON.stringify({
      ...{ examplesApplied: 0, examplesDuplicate: 0, examplesLost: 0 },
      pushes: { accepted: 0, duplicate: 0, overlap: 0, stale: 0, refused: 0 },
      epochTotals: { count: 0, lossSum: 0, correct: 0 },
      ...{ staleness: [], owed: null, history: [], trainMs: 0 },
      ...{ numerics: null, backend: null, reproducible: true },
    }),
  ),
};

function answersAndForgets(random: SeededRandom) {
  let answer: { connection: number; pushId: number } | undefined;
  return {
    serverEvent: (event: ServerEvent): ServerEvent => {
      const push = messageIn(event, 'push');
      if (!push || event.type !== 'packet' || !random.chance(0.03)) {
        return event;
      }
      const { connection } = event;
      answer = { connection, pushId: push.pushId };
      return { type: 'tick' };
    },
    serverEffects: (effects: readonly ServerEffect[]) => {
      if (answer === undefined) return effects;
      const { connection, pushId } = answer;
      answer = undefined;
      const result = { outcome: 'accepted', version: 0 } as const;
      const message = { type: 'push-result', pushId, ...result } as const;
      return [
        ...effects,
        { type: 'send', connection, packet: { message } } as const,
      ];
    },
  };
}

/** All lives look like the first one, and nobody is sent away for another. */
function acceptsOldLives() {
  return {
    ...workersSay((message) =>
      message.type === 'subscribe' ? { ...message, incarnation: 1 } : undefined,
    ),
    serverEffects: (effects: readonly ServerEffect[]) =>
      effects.filter(
        (effect) => effect.type !== 'close' || effect.code !== 'ERR_REPLACED',
      ),
  };
}
