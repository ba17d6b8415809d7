import { describe, expect, it } from 'vitest';
import { FREE } from './costs.js';
import type { Costs } from './costs.js';
import { bestOf, imagesAlone, SERVERS, sweepRow, weakRows } from './sweep.js';
import { PUSH_BYTES } from '../wire-words.js';

const COSTS: Omit<Costs, 'accountMs'> = {
  ...{ firstLeafMs: [12], nextLeafMs: [10] },
  ...{ pushSend: FREE, pushReceive: FREE },
  ...{ parametersEncode: FREE, parametersSend: FREE, parametersReceive: FREE },
  ...{ wordSend: FREE, wordReceive: FREE },
  ...{ check: FREE, add: FREE, apply: FREE },
  ...{ round: FREE, toHalf: FREE, fromHalf: FREE },
  ...{ restOfTask: FREE, restOfPush: FREE },
  ...{ restOfCrowdedPush: FREE },
};
const OPTIONS = { costs: COSTS, accountMsAt: () => 0, leafImages: 128 };
const ALONE = { gigabits: 10, workers: 1, servers: 1, isHalfPush: false };

describe('a sweep', () => {
  it('counts efficiency against workers that only compute', () => {
    // four leaves take 12 + 3 * 10 ms
    expect(imagesAlone(OPTIONS, 4)).toBeCloseTo((4 * 128) / 0.042, 6);
    const row = sweepRow(OPTIONS, { ...ALONE, leavesPerStep: 4 });
    // 10 Gb/s: 2.43 MB take 1.94 ms each way; and twice the latency
    const stepMs = 42 + (2 * PUSH_BYTES) / 1_250_000 + 2 * 0.05;
    expect(row.efficiency).toBeCloseTo(42 / stepMs, 3);
    expect(row.imagesPerSecond).toBeCloseTo(512_000 / stepMs, -2);
  });

  it('gains from more servers where the network is in the way', () => {
    const cluster = { gigabits: 1, workers: 32, leavesPerWorker: 4 };
    const rows = weakRows(OPTIONS, cluster);
    expect(rows.map(({ servers }) => servers)).toEqual(SERVERS);
    const rates = rows.map(({ imagesPerSecond }) => imagesPerSecond);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(bestOf(rows).servers).toBe(32);
    expect(rows[0]?.bottleneck).toBe('server NIC');
  });

  it('takes fewer servers where more are of no use', () => {
    const rows = [4, 1, 2].map((servers) => ({
      ...sweepRow(OPTIONS, { ...ALONE, servers, leavesPerStep: 4 }),
      imagesPerSecond: servers === 4 ? 1 : 2,
    }));
    expect(bestOf(rows).servers).toBe(1);
  });
});
