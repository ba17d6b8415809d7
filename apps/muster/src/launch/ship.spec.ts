import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings/read-settings.js';
import { readLaunchOptions } from './launch-options.js';
import { LaunchPlan, ROOT } from './plan.js';
import {
  fetchRunCommand,
  isSamePlatform,
  sendRunCommand,
  shipCommands,
} from './ship.js';

const HOST = { name: 'b', slots: 1 };
const HERE = { system: 'Linux', machine: 'x86_64', libc: 'glibc 2.36' };

function planOf(trainFlags: Record<string, unknown> = {}): LaunchPlan {
  const readFile = () => '';
  return new LaunchPlan(
    readLaunchOptions({ hostList: 'a,b' }),
    readSettings({ command: 'train', flags: trainFlags, env: {}, readFile }),
  );
}

describe('isSamePlatform', () => {
  it.each([
    [HERE, true],
    [{ ...HERE, libc: 'glibc 2.41' }, true],
    [{ ...HERE, libc: 'glibc 3.0' }, true],
    [{ ...HERE, libc: 'glibc 2.4' }, false],
    [{ ...HERE, libc: 'other' }, false],
    [{ ...HERE, machine: 'aarch64' }, false],
    [{ ...HERE, system: 'Darwin' }, false],
  ])('of %j is %s', (there, isSame) => {
    expect(isSamePlatform(HERE, there)).toBe(isSame);
  });
});

describe('shipCommands', () => {
  it('copies what is built to an equal platform', () => {
    const [copy, ...more] = shipCommands(planOf(), HOST, ['x', 'y'], true);
    expect(more).toEqual([]);
    expect(copy?.input).toBe('x\ny\n');
    expect(copy?.words.slice(0, 1)).toEqual(['rsync']);
    expect(copy?.words).toContain('--files-from=-');
    expect(copy?.words.slice(-2)).toEqual([
      ...[`${ROOT}/`, 'b:.cache/muster/launch/'],
    ]);
  });

  it('copies the sources to another one, and sets it up there', () => {
    const [copy, setUp] = shipCommands(planOf(), HOST, ['x'], false);
    expect(copy?.words).toContain('--exclude=node_modules');
    expect(setUp?.words.at(-1)).toContain('apps/muster/setup/main.mjs');
  });

  it('copies a data set to where it is told to be', () => {
    const plan = planOf({ data: '/my/digits' });
    const data = shipCommands(plan, HOST, [], true).at(-1);
    expect(plan.data).toMatch(/^data\/[0-9a-f]{8}$/);
    expect(data?.words.slice(-2)).toEqual([
      ...['/my/digits/', `b:.cache/muster/launch/${plan.data}/`],
    ]);
  });
});

describe('a run', () => {
  it('goes to a host without its token, and overwrites nothing newer', () => {
    const { words } = sendRunCommand(planOf(), HOST, '/here/r1', 'r1');
    expect(words).toContain('--exclude=/token');
    expect(words).toContain('--update');
    expect(words.slice(-2)).toEqual([
      ...['/here/r1/', 'b:.cache/muster/launch/runs/r1/'],
    ]);
  });

  it('comes back without its token', () => {
    const { words } = fetchRunCommand(planOf(), HOST, '/home/me/r1', '/out/r1');
    expect(words).toContain('--exclude=/token');
    expect(words.slice(-2)).toEqual(['b:/home/me/r1/', '/out/r1/']);
  });
});
