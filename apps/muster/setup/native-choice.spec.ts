// The order of the three ways, with ways that do what the test says.
import { describe, expect, it } from 'vitest';
import { Journal } from './journal.mjs';
import {
  type Attempt,
  type Choice,
  type Way,
  chooseWay,
  nativeChoice,
} from './native-library/choice.mjs';
import type { NativeWay } from './native-library/record.mjs';
import { temporaryFolder } from './temporary-folder.js';
import { workspaceAt } from './workspace.mjs';

const works: Attempt = { ok: true, reason: 'it works', files: ['/a'] };
const fails: Attempt = { ok: false, reason: 'it is not there' };
const needsNoProof: Attempt = { ...works, libraryVersion: '4.22.0' };

interface Scene {
  readonly attempts: Record<NativeWay, Attempt | Error>;
  readonly choice?: Choice;
  /** What loading the library shows, '' if it computes. */
  readonly problem?: string;
}

function play({ attempts, choice = 'auto', problem = '' }: Scene) {
  const asked: string[] = [];
  const said: string[] = [];
  const workspace = workspaceAt(temporaryFolder());
  const journal = new Journal(workspace.log, (line) => said.push(line));
  const ways: Way[] = (['download', 'wheel', 'wasm'] as const).map((way) => ({
    way,
    attempt: async () => {
      asked.push(way);
      const attempt = attempts[way];
      if (attempt instanceof Error) throw attempt;
      return attempt;
    },
  }));
  const chosen = chooseWay({
    choice,
    ways,
    verify: async () => {
      asked.push('verify');
      return { libraryVersion: '2.12.1', problem };
    },
    clear: async () => {
      asked.push('clear');
    },
    context: { workspace, journal },
  });
  return { chosen, asked, said };
}

describe('chooseWay', () => {
  it('takes the first way that works, proves it, and asks no other', async () => {
    const { chosen, asked } = play({
      attempts: { download: works, wheel: works, wasm: needsNoProof },
    });
    expect(await chosen).toEqual({
      way: 'download',
      reason: 'it works',
      files: ['/a'],
      libraryVersion: '2.12.1',
      tried: [],
    });
    expect(asked).toEqual(['download', 'verify']);
  });

  it('goes on past ways that fail or throw, and keeps and says the reasons', async () => {
    const { chosen, asked, said } = play({
      attempts: {
        download: fails,
        wheel: new Error('boom\nat line 1'),
        wasm: needsNoProof,
      },
    });
    expect(await chosen).toMatchObject({
      way: 'wasm',
      libraryVersion: '4.22.0',
      tried: [
        { way: 'download', reason: 'it is not there' },
        { way: 'wheel', reason: 'boom' },
      ],
    });
    expect(asked).toEqual(['download', 'wheel', 'wasm']);
    expect(said.join('')).toContain('not by download: it is not there');
    expect(said.join('')).toContain('not by wheel: boom\n');
  });

  it('takes away what is installed and does not load', async () => {
    const { chosen, asked } = play({
      attempts: { download: fails, wheel: works, wasm: needsNoProof },
      problem: 'it does not load',
    });
    expect(await chosen).toMatchObject({
      way: 'wasm',
      tried: [{}, { reason: 'installed, but it does not load' }],
    });
    expect(asked).toEqual(['download', 'wheel', 'verify', 'clear', 'wasm']);
  });

  it.each(['download', 'wheel', 'wasm'] as const)(
    'tries %s alone when that is asked for',
    async (choice) => {
      const attempts = { download: works, wheel: works, wasm: works };
      const { chosen, asked } = play({ attempts, choice });
      expect((await chosen).way).toBe(choice);
      expect(asked).toEqual([choice, 'verify']);
    },
  );

  it('fails with all reasons when no way that is allowed works', async () => {
    const attempts = { download: works, wheel: fails, wasm: works };
    const { chosen } = play({ attempts, choice: 'wheel' });
    await expect(chosen).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /wheel: it is not there.*MUSTER_NATIVE=wheel/,
      ) as unknown,
    });
  });
});

describe('nativeChoice', () => {
  it('reads MUSTER_NATIVE, by default auto', () => {
    expect(nativeChoice({})).toBe('auto');
    expect(nativeChoice({ MUSTER_NATIVE: '' })).toBe('auto');
    expect(nativeChoice({ MUSTER_NATIVE: 'wasm' })).toBe('wasm');
  });

  it('refuses another value, naming it and the four', () => {
    expect(() => nativeChoice({ MUSTER_NATIVE: 'gpu' })).toThrow(
      "native library: MUSTER_NATIVE is 'gpu', expected auto, download, wheel, wasm",
    );
  });
});
