import type { ServerEffect, ServerEvent } from '@muster/cluster';
import type { MessageOf, Packet } from '@muster/protocol';
import { createRegistry, createServerMetrics } from '@muster/telemetry';
import { describe, expect, it } from 'vitest';
import { ServerMeter } from './server-meter.js';

const PUSH: MessageOf<'push'> = {
  ...{ type: 'push', pushId: 1, taskId: 1, step: 0, firstLeaf: 0 },
  ...{ numLeaves: 1, count: 1, term: 1, bases: [0], lossSum: 0, correct: 0 },
  phases: { wait: 0, data: 0, compute: 0, encode: 0, push: 0, pull: 0 },
  ...{ begin: 0, end: 5, dtype: 'bf16' },
};
const PARAMETERS: Packet = {
  message: {
    ...{ type: 'parameters', term: 1, version: 1, begin: 0, end: 5 },
    dtype: 'float32',
  },
  payload: new Uint8Array(20),
};

function stage() {
  const registry = createRegistry();
  const shard = { version: 0, parameters: Float32Array.of(3, 4) };
  const connections = [{ bytesSent: 5, bytesReceived: 7 }];
  const machine = { shard: undefined as typeof shard | undefined };
  const meter = new ServerMeter(
    createServerMetrics(registry),
    machine as never,
    () => connections,
  );
  const shown = async (series: string) => {
    meter.refresh();
    const lines = (await registry.metrics()).split('\n');
    const line = lines.find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { meter, machine, shard, connections, shown };
}

/** A push of five numbers in 16 bits. */
const event: ServerEvent = {
  ...{ type: 'packet', connection: 1 },
  packet: { message: PUSH, payload: new Uint8Array(10) },
};

describe('ServerMeter', () => {
  it('shows the version that is held, once one is', async () => {
    const { machine, shard, shown } = stage();
    expect(await shown('muster_step')).toBeUndefined();
    machine.shard = { ...shard, version: 7 };
    expect(await shown('muster_step')).toBe(7);
  });

  it('takes for applying what has made a version, for summing the rest', async () => {
    const { meter, machine, shard, shown } = stage();
    machine.shard = shard;
    meter.handled({ type: 'tick' }, [], 99);
    meter.handled(event, [], 1);
    shard.version = 1;
    meter.handled(event, [], 4);
    meter.handled(event, [], 2);
    const sum = 'muster_phase_seconds_sum{phase="sum"}';
    const apply = 'muster_phase_seconds_sum{phase="apply"}';
    expect(await shown(sum)).toBeCloseTo(0.003, 12);
    expect(await shown(apply)).toBeCloseTo(0.004, 12);
  });

  it('counts payloads before encoding, once a receiver', async () => {
    const { meter, shown } = stage();
    const effects: ServerEffect[] = [
      { type: 'send', connection: 1, packet: PARAMETERS },
      { type: 'broadcast', connections: [1, 2], packet: PARAMETERS },
    ];
    meter.handled(event, effects, 1);
    // 5 numbers of 4 bytes in, three times as many out
    expect(await shown('muster_received_raw_bytes_total')).toBe(20);
    expect(await shown('muster_sent_raw_bytes_total')).toBe(60);
  });

  it('counts the frames of connections that are there and that were', async () => {
    const { meter, connections, shown } = stage();
    expect(await shown('muster_sent_bytes_total')).toBe(5);
    const [gone] = connections.splice(0, 1);
    meter.connectionClosed(gone!);
    connections.push({ bytesSent: 10, bytesReceived: 1 });
    expect(await shown('muster_sent_bytes_total')).toBe(15);
    expect(await shown('muster_received_bytes_total')).toBe(8);
  });

  it('measures the parameters in what was written', async () => {
    const { meter, shard, shown } = stage();
    const snapshot = {
      ...{ version: 3, reason: 'epoch', keepFrom: 0, ledger: {} },
      ...{ parameters: shard.parameters, slots: { m: new Float32Array(2) } },
    } as never;
    meter.checkpointDone({ outcome: 'skipped', snapshot }, 0);
    expect(await shown('muster_parameter_norm')).toBeUndefined();
    const written = { outcome: 'written', snapshot, path: '' } as const;
    meter.checkpointDone({ ...written, seconds: 0.5 }, 9000);
    // 3, 4 and 5; two vectors of two numbers
    expect(await shown('muster_parameter_norm')).toBe(5);
    expect(await shown('muster_checkpoint_bytes')).toBe(16);
    expect(await shown('muster_checkpoint_duration_seconds_sum')).toBe(0.5);
  });
});
