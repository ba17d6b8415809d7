import { describe, expect, it } from 'vitest';
import { verdictOn } from './verdict.js';
import type { EndedProcess, Verdict } from './verdict.js';

const killed: Omit<EndedProcess, 'kind'> = {
  code: null,
  wasCoordinator: false,
  hasLeader: false,
  isDraining: false,
  maxRestarts: 10,
  hasWaited: false,
};

type Case = [what: string, ended: Partial<EndedProcess>, verdict: Verdict];

describe('verdictOn a worker', () => {
  it.each<Case>([
    ['killed', {}, 'restart'],
    ['failed', { code: 1 }, 'restart'],
    ['told to stop', { code: 0 }, 'leave'],
    ['with bad settings', { code: 2 }, 'fail'],
    ['killed while the run stops', { isDraining: true }, 'leave'],
    ['killed, no restarts', { maxRestarts: 0 }, 'leave'],
    ['with bad settings, no restarts', { code: 2, maxRestarts: 0 }, 'leave'],
  ])('%s', (_, ended, verdict) => {
    expect(verdictOn({ kind: 'worker', ...killed, ...ended })).toBe(verdict);
  });
});

describe('verdictOn a server', () => {
  it.each<Case>([
    ['killed', {}, 'restart'],
    ['failed', { code: 1 }, 'restart'],
    ['replaced', { code: 3, hasLeader: true }, 'restart'],
    ['with bad settings', { code: 2 }, 'fail'],
    ['killed while the run stops', { isDraining: true }, 'restart'],
    ['ended in order', { code: 0 }, 'wait'],
    ['ended in order, not the end', { code: 0, hasWaited: true }, 'restart'],
    [
      'coordinator without a word',
      { code: 0, wasCoordinator: true },
      'restart',
    ],
    ['killed, no restarts', { maxRestarts: 0 }, 'fail'],
    [
      'killed, no restarts, an heir',
      { maxRestarts: 0, hasLeader: true },
      'leave',
    ],
    ['ended in order, no restarts', { code: 0, maxRestarts: 0 }, 'wait'],
    [
      'ended in order, no restarts, not the end',
      { code: 0, maxRestarts: 0, hasWaited: true },
      'fail',
    ],
  ])('%s', (_, ended, verdict) => {
    expect(verdictOn({ kind: 'server', ...killed, ...ended })).toBe(verdict);
  });
});
