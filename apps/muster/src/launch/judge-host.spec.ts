import { describe, expect, it } from 'vitest';
import { problemsOf, skewWarning, unanswered } from './judge-host.js';
import type { ProbeAnswer } from './probe.js';

const GOOD: ProbeAnswer = {
  system: 'Linux',
  machine: 'x86_64',
  libc: 'glibc 2.36',
  clockSeconds: 1_000,
  node: 'v20.20.2',
  hasRsync: true,
  folder: '/muster',
  isWritable: true,
  freeBytes: 10e9,
  hasProgram: false,
};
const SYNCED = { isSynced: true, folder: '~/muster', programBytes: 1e9 };
const SHARED = { isSynced: false, folder: '/muster', programBytes: 0 };

const textsOf = (
  answer: Partial<ProbeAnswer>,
  demands = SYNCED,
  skewSeconds = 0,
) =>
  problemsOf({ ...GOOD, ...answer }, demands, skewSeconds).map(
    ({ text }) => text,
  );

describe('problemsOf', () => {
  it('finds none with a good host', () => {
    expect(textsOf({})).toEqual([]);
    expect(textsOf({ hasProgram: true, hasRsync: false }, SHARED)).toEqual([]);
  });

  it.each([
    ['an old Node', { node: 'v18.20.0' }, 'this is Node 18.20.0, expected 20'],
    ['no Node', { node: 'sh: 1: node: not found' }, 'Node was not found'],
    ['no folder', { folder: undefined }, 'cannot be entered'],
    ['a folder to read only', { isWritable: false }, 'cannot be written'],
    ['no rsync', { hasRsync: false }, 'rsync was not found'],
    ['a full disk', { freeBytes: 1.2e9 }, '1,200 MB free in /muster'],
    ['a disk of unknown size', { freeBytes: NaN }, 'free in /muster'],
  ])('finds %s', (_, answer, text) => {
    expect(textsOf(answer)).toEqual([expect.stringContaining(text)]);
  });

  it('wants less of a disk that has the program already', () => {
    // 256 MiB for the run are 268.4 MB
    expect(textsOf({ freeBytes: 0.27e9, hasProgram: true })).toEqual([]);
    expect(textsOf({ freeBytes: 0.26e9, hasProgram: true })).toHaveLength(1);
  });

  it('wants the program where nothing is copied', () => {
    expect(textsOf({}, SHARED)).toEqual([
      expect.stringContaining('no built Muster in /muster'),
    ]);
  });

  it('lists everything that is wrong', () => {
    expect(textsOf({ node: '', freeBytes: 0, hasRsync: false })).toHaveLength(
      3,
    );
  });

  it('bears with a clock that is off, up to five minutes', () => {
    expect(textsOf({}, SYNCED, -299)).toEqual([]);
    expect(textsOf({}, SYNCED, 301)).toEqual([
      expect.stringContaining('301 s ahead'),
    ]);
    expect(skewWarning(4)).toBeUndefined();
    expect(skewWarning(-6)).toContain('6 s behind');
  });
});

describe('unanswered', () => {
  const ended = (stderr: string, code: number | null = 255) =>
    unanswered({ kind: 'ended', code, stderr });

  it.each([
    'ssh: connect to host b port 22: Connection refused',
    'ssh: connect to host b port 22: Connection timed out',
    'ssh: connect to host b port 22: No route to host',
    'ssh: Could not resolve hostname b: Temporary failure in name resolution',
    'kex_exchange_identification: Connection closed by remote host',
  ])('takes it for passing: %s', (said) => {
    const problem = ended(`Warning: something\n${said}\n`);
    expect(problem).toEqual({ text: `not reached: ${said}`, isPassing: true });
  });

  it.each([
    ['me@b: Permission denied (publickey).', 'ssh was refused'],
    ['Host key verification failed.', 'does not know its host key'],
    ['/c line 1: Bad configuration option: x', "ssh's configuration"],
  ])('takes it for lasting: %s', (said, text) => {
    expect(ended(said)).toEqual({
      text: expect.stringContaining(text) as string,
      isPassing: false,
    });
  });

  it('tells of a shell that cannot run the question', () => {
    expect(ended('sh: not found', 127)).toEqual({
      text: 'the shell there ended with exit code 127: sh: not found',
      isPassing: false,
    });
  });

  it('waits for a host that is silent, not for an ssh that is missing', () => {
    expect(unanswered({ kind: 'late', afterMs: 20_000 })).toEqual({
      text: 'no answer within 20 s',
      isPassing: true,
    });
    expect(
      unanswered({ kind: 'missing', message: 'spawn ssh ENOENT' }).isPassing,
    ).toBe(false);
  });
});
