import { describe, expect, it } from 'vitest';
import { lineOf, newsSchema, orderSchema, readLine } from './orders.js';
import type { News, Order } from './orders.js';

const ORDERS: Order[] = [
  { type: 'begin', token: 't', heartbeatMs: 1000, timeoutMs: 5000 },
  { type: 'server', args: ['server', '--seed', '7'], address: 'a' },
  {
    ...{ type: 'server', args: [], address: 'a' },
    listen: { host: '0.0.0.0', port: 7070 },
  },
  { type: 'workers', names: ['a-0'], env: { A: 'b' }, maxRestarts: 0 },
  { type: 'heartbeat' },
  { type: 'signal', signal: 'SIGINT' },
  { type: 'stop', atOnce: true },
];
const NEWS: News[] = [
  { type: 'hello', node: 'v20.0.0' },
  { type: 'heartbeat' },
  { type: 'started', process: 'server', pid: 1 },
  { type: 'line', process: 'server', text: 'a\nb\u2028c' },
  { type: 'report', report: { type: 'listening', url: 'ws://a:1' } },
  { type: 'notice', text: 'x' },
  { type: 'ended', process: 'server', code: null, signal: 'SIGKILL' },
  { type: 'failed', process: 'w', code: 'ERR_CONFIG', message: 'x' },
  { type: 'stopped', reason: 'told to' },
];

describe('orders and news', () => {
  it.each(ORDERS)('is one line, read back: $type', (order) => {
    const line = lineOf(order);
    expect(line.match(/[\n\u2028\u2029]/g)).toHaveLength(1);
    expect(readLine(orderSchema, line)).toEqual(order);
  });

  it.each(NEWS)('is one line, read back: $type', (news) => {
    const line = lineOf(news);
    expect(line.match(/[\n\u2028\u2029]/g)).toHaveLength(1);
    expect(readLine(newsSchema, line)).toEqual(news);
  });

  it.each([
    'Welcome to Debian!',
    '{"type":"stop"}',
    '{"type":"begin","token":"","heartbeatMs":1,"timeoutMs":1}',
    '{"type":"signal","signal":"SIGKILL"}',
    '{"type":"workers","names":["../x"],"env":{},"maxRestarts":0}',
    '{"type":"heartbeat","more":1}',
    'null',
  ])('is no order: %s', (line) => {
    expect(readLine(orderSchema, line)).toBeUndefined();
  });
});
