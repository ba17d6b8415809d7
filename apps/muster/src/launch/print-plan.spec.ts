import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings/read-settings.js';
import { readLaunchOptions } from './launch-options.js';
import { LaunchPlan } from './plan.js';
import { printedPlan } from './print-plan.js';

function printed(flags: Record<string, unknown>): string {
  const plan = new LaunchPlan(
    readLaunchOptions(flags),
    readSettings({
      ...{ command: 'train', flags: { seed: '7' }, env: {} },
      readFile: () => '',
    }),
  );
  const [host = { name: '', slots: 0 }] = plan.options.hosts;
  return printedPlan(plan, { host, address: '10.0.0.1' }, ['x', 'y']);
}

describe('printedPlan', () => {
  it('shows what is done on each host, in its order', () => {
    const text = printed({ hostList: 'a:2,b:0' });
    const titles = text.split('\n').filter((line) => /^# (?!stand)/.test(line));
    expect(titles.filter((line) => !line.startsWith('#  '))).toEqual([
      '# check a',
      '# check b',
      '# copy the built program to a',
      '# copy the built program to b',
      '# start servers and workers on a; standard input, which stays open:',
      '# start workers on b; standard input, which stays open:',
    ]);
    expect(text).toContain('"names":["a-0","a-1"]');
    expect(text).toContain(
      '"args":["server","--seed","7","--out","runs","--expect-workers","2"]',
    );
  });

  it('copies nothing where the hosts share the folder', () => {
    expect(printed({ hostList: 'a', sync: false })).not.toContain('rsync -');
  });

  it('is what a shell takes', () => {
    const input = printed({
      hostList: 'a:2,me@b:1',
      sshConfig: '/my "config"',
    });
    const { status, stderr } = spawnSync('sh', ['-n'], {
      input,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
