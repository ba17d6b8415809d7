import { MusterError } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { formatError, printError } from './error.js';
import { formatProbabilities } from './probabilities.js';
import { formatSummary } from './summary.js';
import type { SummaryFigures } from './summary.js';
import { formatTable } from './table.js';

const summary: SummaryFigures = {
  runId: 'r1',
  outcome: 'finished',
  testAccuracy: 0.98614,
  testLoss: 0.04321,
  trainSeconds: 72.4,
  imagesPerSecond: 4143.6,
  epochs: 5,
  steps: 1175,
  workers: 2,
  servers: 1,
  restarts: 0,
  consistency: 'sync',
  parametersSha256: 'ab'.repeat(32),
  reproducible: true,
};

describe('formatSummary', () => {
  it('tells accuracy, time, speed, hash and place', () => {
    expect(formatSummary(summary, 'runs/r1')).toBe(
      [
        'training finished',
        '  test accuracy  98.61 % (loss 0.0432)',
        '  time           1 min 12 s for 5 epochs, 1,175 steps',
        '  throughput     4,144 images/s with 2 workers',
        `  parameters     sha256 ${'ab'.repeat(32)}`,
        '  reproducible   yes: any number of workers gives these bits',
        '  run            runs/r1',
      ].join('\n'),
    );
  });

  it('tells how a run that was stopped goes on', () => {
    const stopped = {
      ...summary,
      outcome: 'drained',
      testAccuracy: null,
      testLoss: null,
      epochs: 0,
      steps: 1,
      workers: 0,
      reproducible: false,
    } as const;
    expect(formatSummary(stopped, 'runs/r1')).toBe(
      [
        'training stopped at step 1',
        '  test accuracy  not known before the end of an epoch',
        '  time           1 min 12 s for 0 epochs, 1 step',
        '  throughput     4,144 images/s',
        `  parameters     sha256 ${'ab'.repeat(32)}`,
        '  reproducible   no: workers of different numerics took part, see the log',
        '  run            runs/r1',
        '  go on with     npx muster train --resume runs/r1',
      ].join('\n'),
    );
  });
});

describe('formatSummary of larger clusters', () => {
  it('counts servers and restarts', () => {
    const text = formatSummary({ ...summary, servers: 3, restarts: 2 }, 'r');
    expect(text).toContain('4,144 images/s with 2 workers and 3 servers\n');
    expect(text).toMatch(/\n {2}restarts {7}2, see its logs\/$/);
    const alone = formatSummary({ ...summary, servers: 3, workers: 0 }, 'r');
    expect(alone).toContain('4,144 images/s with 3 servers\n');
  });

  it.each(['bounded', 'async'])('says how bits of %s come again', (mode) => {
    const text = formatSummary({ ...summary, consistency: mode }, 'runs/r1');
    expect(text).toContain(
      'reproducible   in the order that was recorded: npx muster replay runs/r1\n',
    );
  });
});

describe('formatTable', () => {
  it('sets figures flush right and texts flush left', () => {
    const rows = [
      { run: 'r1', state: 'finished', accuracy: '98.61 %', epochs: '10/10' },
      { run: 'r20', state: 'unfinished', accuracy: '', epochs: '2/5' },
      { run: 'r3', state: '', accuracy: '9.80 %' },
    ];
    expect(formatTable(rows)).toBe(
      [
        'run  state       accuracy  epochs',
        'r1   finished     98.61 %   10/10',
        'r20  unfinished               2/5',
        'r3                 9.80 %',
      ].join('\n'),
    );
  });

  it('sets a column with one text among figures flush left', () => {
    expect(formatTable([{ n: '10' }, { n: '?' }])).toBe('n\n10\n?');
    expect(formatTable([{ size: '10' }, { size: '7' }])).toBe(
      'size\n  10\n   7',
    );
  });

  it('is empty without rows', () => {
    expect(formatTable([])).toBe('');
  });

  it('does not obey what a folder is called', () => {
    expect(formatTable([{ run: 'a\u001b[2Jb' }])).toBe('run\na?[2Jb');
  });
});

describe('formatProbabilities', () => {
  it('draws a bar a class: a quarter of 30 characters is 7.5, so 8', () => {
    const probabilities = [0.25, 0, 0.75];
    const answer = { file: 'a.png', digit: 2, probabilities };
    expect(formatProbabilities(answer)).toBe(
      [
        'a.png: 2 (75.00 %)',
        ' 0   25.00 %  ########',
        ' 1    0.00 %',
        ' 2   75.00 %  #######################',
      ].join('\n'),
    );
  });

  it('aligns the labels of many classes', () => {
    const probabilities = [...Array<number>(10).fill(0), 1];
    const lines = formatProbabilities({ file: 'a', digit: 10, probabilities });
    expect(lines.split('\n').slice(-2)).toEqual([
      '  9    0.00 %',
      ` 10  100.00 %  ${'#'.repeat(30)}`,
    ]);
  });
});

describe('formatError', () => {
  it('is one line with the code', () => {
    const error = new MusterError('ERR_NO_WORKERS', 'all 3 workers have ended');
    expect(formatError(error)).toBe(
      'muster: all 3 workers have ended (ERR_NO_WORKERS)',
    );
  });

  it('keeps the lines of a message that has several', () => {
    const message = '2 problems with the settings:\n  --a: b\n  --c: d\n';
    expect(formatError(new MusterError('ERR_CONFIG', message))).toBe(
      'muster: 2 problems with the settings: (ERR_CONFIG)\n  --a: b\n  --c: d',
    );
  });

  it('shows no stack, whatever was thrown, and no commands to the terminal', () => {
    expect(formatError(new TypeError('x\u001b[31m'))).toBe(
      'muster: x?[31m (ERR_INTERNAL)',
    );
    expect(formatError('gone')).toBe('muster: gone (ERR_INTERNAL)');
  });

  it('is written with a line break', () => {
    const written: string[] = [];
    printError({ write: (text) => written.push(text) }, 'gone');
    expect(written).toEqual(['muster: gone (ERR_INTERNAL)\n']);
  });
});
