import { describe, expect, it } from 'vitest';
import { Traffic } from './traffic.js';

describe('Traffic', () => {
  it('adds up the connections that are there and those that have ended', () => {
    const a = { bytesSent: 10, bytesReceived: 1 };
    const b = { bytesSent: 20, bytesReceived: 2 };
    const live = [a, b];
    const traffic = new Traffic(() => live);
    expect(traffic.totals).toMatchObject({ sent: 30, received: 3 });
    live.shift();
    traffic.ended(a);
    // the same bytes, though one of the two is gone
    expect(traffic.totals).toMatchObject({ sent: 30, received: 3 });
    b.bytesSent += 5;
    expect(traffic.totals).toMatchObject({ sent: 35, received: 3 });
  });

  it('adds up what payloads were before encoding', () => {
    const traffic = new Traffic(() => []);
    traffic.sendingRaw(8);
    traffic.sendingRaw(4);
    traffic.receivedRaw(2);
    expect(traffic.totals).toEqual({
      ...{ sent: 0, received: 0, sentRaw: 12, receivedRaw: 2 },
    });
  });
});
