import { describe, expect, it } from 'vitest';
import { machinesOf } from './machines.js';
import { logLine } from './testing-record.js';

const HERE = {
  ...{ host: 'a', processor: 'Chip 1', cores: 2, memoryBytes: 8e9 },
  ...{ system: 'linux 6 x64', node: '20.20.2' },
};
const BACKEND = {
  ...{ backend: 'tensorflow', libraryVersion: '2.12.1', threads: 1 },
  numerics: 'abc',
};

describe('machinesOf', () => {
  it('puts processes together that are alike, servers first', () => {
    const machines = machinesOf([
      logLine(0, 'muster', 'run-started', HERE),
      logLine(0, 'worker-10', 'process-started', HERE),
      logLine(0, 'worker-2', 'process-started', HERE),
      logLine(0, 'worker-3', 'process-started', { ...HERE, host: 'b' }),
      logLine(0, 'server-0', 'process-started', HERE),
      ...['worker-2', 'worker-3', 'worker-10'].map((name) =>
        logLine(1, name, 'backend', BACKEND),
      ),
    ]);
    const backend = 'tensorflow 2.12.1, 1 thread';
    expect(machines).toEqual([
      { ...HERE, processes: ['server-0'], backend: '', numerics: '' },
      {
        ...{ ...HERE, processes: ['worker-2', 'worker-10'] },
        ...{ backend, numerics: 'abc' },
      },
      {
        ...{ ...HERE, host: 'b', processes: ['worker-3'] },
        ...{ backend, numerics: 'abc' },
      },
    ]);
  });

  it('knows a process by its last life', () => {
    const [machine] = machinesOf([
      logLine(0, 'worker-0', 'process-started', HERE),
      logLine(5, 'worker-0', 'process-started', { ...HERE, host: 'c' }),
    ]);
    expect(machine?.host).toBe('c');
  });
});
