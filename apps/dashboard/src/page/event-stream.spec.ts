import { describe, expect, it } from 'vitest';
import { EventStream } from './event-stream.js';

const TEXT =
  ': hello\n\nevent: state\ndata: {"a":1}\n\ndata: x\r\ndata: y\r\n\r\n';
const EVENTS = [
  { name: 'state', data: '{"a":1}' },
  { name: 'message', data: 'x\ny' },
];

describe('EventStream', () => {
  it('gives the same events wherever the text is cut', () => {
    for (let cut = 0; cut <= TEXT.length; cut += 1) {
      const stream = new EventStream();
      const events = [
        ...stream.push(TEXT.slice(0, cut)),
        ...stream.push(TEXT.slice(cut)),
      ];
      expect(events, `cut at ${cut}`).toEqual(EVENTS);
    }
  });

  it('gives nothing for comments and for what has not ended', () => {
    expect(new EventStream().push(':\n\n:\n\ndata: half')).toEqual([]);
  });

  it('takes one space behind the colon away, and no more', () => {
    expect(new EventStream().push('data:  a\n\n')[0]?.data).toBe(' a');
    expect(new EventStream().push('data:a\n\n')[0]?.data).toBe('a');
  });
});
