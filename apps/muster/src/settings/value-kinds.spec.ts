import { describe, expect, it } from 'vitest';
import {
  address,
  autoOrWholeNumber,
  oneOf,
  positiveNumber,
  serverUrl,
  shareBelowOne,
  text,
  textOf,
  toggle,
  wholeNumber,
} from './value-kinds.js';
import type { ValueKind } from './value-kinds.js';

function read(kind: ValueKind, written: string): unknown {
  const result = kind.schema.safeParse(written);
  return result.success ? result.data : 'refused';
}

const cases: [string, ValueKind, [string, unknown][], string[]][] = [
  [
    'wholeNumber',
    wholeNumber(0, 4),
    [
      ['0', 0],
      ['4', 4],
      ['+3', 3],
    ],
    ['-1', '5', '1.5', '1e0', '', ' 1', '0x1', 'one', 'NaN'],
  ],
  [
    'positiveNumber',
    positiveNumber,
    [
      ['0.004', 0.004],
      ['.5', 0.5],
      ['1e-7', 1e-7],
      ['2.', 2],
    ],
    ['0', '-1', 'Infinity', '1e999', '1,5', '', 'x'],
  ],
  [
    'shareBelowOne',
    shareBelowOne,
    [
      ['0', 0],
      ['0.999', 0.999],
    ],
    ['1', '-0.1', '10%'],
  ],
  [
    'autoOrWholeNumber',
    autoOrWholeNumber(1, 9),
    [
      ['auto', 'auto'],
      ['9', 9],
    ],
    ['0', '10', 'Auto', ''],
  ],
  ['oneOf', oneOf('adam', 'sgd'), [['sgd', 'sgd']], ['SGD', '', 'adam ']],
  [
    'toggle',
    toggle,
    [
      ['on', true],
      ['true', true],
      ['yes', true],
      ['1', true],
      ['off', false],
      ['false', false],
      ['no', false],
      ['0', false],
    ],
    ['On', '', 'maybe', 'toString'],
  ],
  ['text', text('a path'), [['a b', 'a b']], ['', 'a\u0000b']],
  [
    'address',
    address,
    [
      ['127.0.0.1:7070', { host: '127.0.0.1', port: 7070 }],
      ['localhost:0', { host: 'localhost', port: 0 }],
      ['[::1]:65535', { host: '::1', port: 65535 }],
    ],
    ['7070', ':7070', 'host', 'host:', 'host:65536', '::1:7070', 'a b:1'],
  ],
  [
    'serverUrl',
    serverUrl,
    [
      ['ws://10.0.0.1:7070', 'ws://10.0.0.1:7070'],
      ['wss://host/', 'wss://host/'],
      ['ws://host:1,ws://host:2', 'ws://host:1,ws://host:2'],
    ],
    [
      'http://host:1',
      'host:7070',
      'ws://',
      'ws://u:p@host:1',
      'ws://host:1/path',
      'ws://host:1?token=t',
      'ws://host:1,',
      'ws://host:1 ws://host:2',
    ],
  ],
];

describe.each(cases)('%s', (_, kind, accepted, refused) => {
  it.each(accepted)('reads %j', (written, value) => {
    expect(read(kind, written)).toEqual(value);
  });

  it.each(refused)('refuses %j', (written) => {
    expect(read(kind, written)).toBe('refused');
  });

  it.each(accepted)('reads %j again from its own text', (_written, value) => {
    expect(read(kind, textOf(value))).toEqual(value);
  });
});
