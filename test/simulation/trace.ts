/**
 * One line for everything that happens, for whoever looks into a failure.
 */
import type { ServerEffect, WorkerEffect } from '@muster/cluster';
import type { Packet } from '@muster/protocol';

/** Told of everything. */
export type Trace = (atMs: number, who: string, what: string) => void;

interface Happened {
  readonly type: string;
  readonly packet?: Packet;
}

/** What is left out of a message: what is always the same or too long. */
const DULL = new Set([
  'type',
  'phases',
  'dtype',
  'run',
  'numerics',
  'protocol',
]);

/** An event and what the brain made of it; nothing when that is dull. */
export function describe(
  event: Happened | undefined,
  effects: readonly (ServerEffect | WorkerEffect)[],
): string | undefined {
  const isDull =
    event?.type === 'tick' || event?.packet?.message.type === 'heartbeat';
  const said = effects
    .map((effect) => describeOne(effect))
    .filter((text) => !text.includes('heartbeat'));
  if (isDull && said.length === 0) return undefined;
  const began = event ? describeOne(event) : 'start';
  return [began, ...said.map((text) => `    -> ${text}`)].join('\n');
}

function describeOne(one: Happened): string {
  const { type, packet, ...rest } = one;
  const message = packet
    ? ` ${packet.message.type} ${fieldsOf(packet.message)}`
    : '';
  return `${type}${message} ${fieldsOf(rest)}`.trimEnd();
}

function fieldsOf(record: object): string {
  return Object.entries(record)
    .filter(([name]) => !DULL.has(name))
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(' ');
}

function textOf(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  const text = JSON.stringify(value, (_, inner: unknown) =>
    ArrayBuffer.isView(inner) ? '(bytes)' : inner,
  );
  return text === undefined || text.length < 160
    ? text
    : `${text.slice(0, 160)}...`;
}
