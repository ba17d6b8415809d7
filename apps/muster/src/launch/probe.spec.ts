import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeAnswer, probeScript } from './probe.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster it's "));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a real shell answers. */
function ask(at: string, node = process.execPath, makesFolder = false) {
  const { stdout } = spawnSync('sh', ['-s'], {
    input: probeScript({ folder: at, node }, makesFolder),
    encoding: 'utf8',
  });
  return probeAnswer(`Welcome to this host!\nx=y\n${stdout}`);
}

describe('the probe', () => {
  it('tells what a host is', () => {
    const answer = ask(folder);
    expect(answer).toMatchObject({
      node: process.version,
      folder,
      isWritable: true,
      hasProgram: false,
    });
    expect(answer?.system).toMatch(/^\w+$/);
    expect(answer?.freeBytes).toBeGreaterThan(1024);
    const aheadSeconds = (answer?.clockSeconds ?? 0) - Date.now() / 1000;
    expect(Math.abs(aheadSeconds)).toBeLessThan(5);
  });

  it('finds a built program', () => {
    mkdirSync(join(folder, 'apps/muster/dist'), { recursive: true });
    writeFileSync(join(folder, 'apps/muster/dist/main.js'), '');
    expect(ask(folder)?.hasProgram).toBe(true);
  });

  it('makes the folder when it is asked to, and not otherwise', () => {
    const inner = join(folder, 'a', 'b c');
    expect(ask(inner)?.folder).toBeUndefined();
    expect(ask(inner, process.execPath, true)?.folder).toBe(inner);
  });

  it('tells that Node is not there, in the words of the shell', () => {
    expect(ask(folder, '/nowhere/node')?.node).toContain('not found');
  });

  it('is no answer when it did not come to its end', () => {
    expect(probeAnswer('')).toBeUndefined();
    expect(probeAnswer('muster-probe system=Linux\n')).toBeUndefined();
  });
});
