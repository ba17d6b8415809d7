/**
 * What a planted bug is, and what most of them are made of.
 */
import type { ServerEffect, ServerEvent, WorkerEffect } from '@muster/cluster';
import type { Message, MessageOf, MessageType, Packet } from '@muster/protocol';
import type { Mode } from './scenario.js';
import type { Sabotage } from './sabotage.js';
import type { SeededRandom } from './seeded-random.js';

/** A bug that the oracles have to find. */
export interface PlantedBug {
  readonly name: string;
  /** The mode that shows it; any if it is not named. */
  readonly mode?: Mode;
  /** A fresh one for each seed. */
  readonly plant: (random: SeededRandom) => Sabotage;
}

/** The message of an event, if it is of this type. */
export function messageIn<T extends MessageType>(
  event: { readonly type: string; readonly packet?: Packet },
  type: T,
): MessageOf<T> | undefined {
  const message = event.packet?.message;
  return message?.type === type ? (message as MessageOf<T>) : undefined;
}

/** Drops what servers send of these types, so often. */
export function serversDrop(
  random: SeededRandom,
  share: number,
  ...types: MessageType[]
): Sabotage {
  return {
    serverEffects: (effects) =>
      effects.filter((effect) => !isDropped(effect, types, random, share)),
  };
}

/** Drops what workers send of these types, so often. */
export function workersDrop(
  random: SeededRandom,
  share: number,
  ...types: MessageType[]
): Sabotage {
  return {
    workerEffects: (effects) =>
      effects.filter((effect) => !isDropped(effect, types, random, share)),
  };
}

/** Changes what servers send. */
export function serversSay(
  change: (message: Message) => Message | undefined,
): Sabotage {
  return {
    serverEffects: (effects) =>
      effects.map((effect): ServerEffect => {
        if (effect.type !== 'send' && effect.type !== 'broadcast')
          return effect;
        const message = change(effect.packet.message);
        if (message === undefined) return effect;
        return { ...effect, packet: { ...effect.packet, message } };
      }),
  };
}

/** Changes what workers send. */
export function workersSay(
  change: (message: Message) => Message | undefined,
): Sabotage {
  return {
    workerEffects: (effects) =>
      effects.map((effect): WorkerEffect => {
        if (effect.type !== 'send') return effect;
        const message = change(effect.packet.message);
        if (message === undefined) return effect;
        return { ...effect, packet: { ...effect.packet, message } };
      }),
  };
}

/** Changes what servers hear. */
export function serversHear(
  change: (event: ServerEvent) => ServerEvent | undefined,
): Sabotage {
  return { serverEvent: (event) => change(event) };
}

function isDropped(
  effect: ServerEffect | WorkerEffect,
  types: readonly MessageType[],
  random: SeededRandom,
  share: number,
): boolean {
  if (effect.type !== 'send' && effect.type !== 'broadcast') return false;
  const { type } = effect.packet.message;
  return types.includes(type) && random.chance(share);
}
