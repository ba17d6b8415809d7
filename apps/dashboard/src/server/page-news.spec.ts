import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FeedMessage } from '../feed.js';
import {
  scriptedIncidents,
  scriptedPoints,
  scriptedState,
} from '../testing.js';
import { encodeEvent } from './encode-event.js';
import { PageNews, PER_PAGE_MS } from './page-news.js';

const NUM_PAGES = 50;
/** From one write to the next. */
const PACE_MS = NUM_PAGES * PER_PAGE_MS;
const INCIDENT = scriptedIncidents(1)[0]!;

let sent: string[];
let news: PageNews;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  news = new PageNews(
    (events, bytes) => {
      const all = events.map((event) => event.bytes);
      expect(Buffer.concat(all)).toEqual(bytes);
      sent.push(bytes.toString());
    },
    () => NUM_PAGES,
  );
});
afterEach(() => {
  vi.useRealTimers();
});

const textOf = (...messages: FeedMessage[]) =>
  messages.map((message) => encodeEvent(message).bytes.toString()).join('');

/** Where the run stands, twice a second, until it has been said so often. */
function tell(from: number, to: number): void {
  for (let step = from; step <= to; step++) {
    news.add(scriptedPoints(step, step));
    news.add(scriptedState(step));
    vi.advanceTimersByTime(PACE_MS / 2);
  }
}

describe('PageNews', () => {
  it('writes the points and the state of a moment together', () => {
    tell(1, 1);
    expect(sent).toEqual([textOf(scriptedPoints(1, 1), scriptedState(1))]);
  });

  it('writes at its pace: all points, and the newest state', () => {
    tell(1, 5);
    // 1 at once, 2 a pace after it; 3 comes then, and waits for 4
    expect(sent).toEqual([
      textOf(scriptedPoints(1, 1), scriptedState(1)),
      textOf(scriptedPoints(2, 2), scriptedState(2)),
      textOf(scriptedPoints(3, 3), scriptedPoints(4, 4), scriptedState(4)),
    ]);
  });

  it('writes what is rare at once, after what waits', () => {
    tell(1, 1);
    news.add(scriptedPoints(2, 2));
    news.add(INCIDENT);
    expect(sent[1]).toBe(textOf(scriptedPoints(2, 2), INCIDENT));
    vi.advanceTimersByTime(PACE_MS);
    expect(sent).toHaveLength(2);
  });

  it('writes what waits when it is told to, and nothing that was dropped', () => {
    tell(1, 1);
    news.add(scriptedState(2));
    news.flush();
    expect(sent[1]).toBe(textOf(scriptedState(2)));
    news.add(scriptedState(3));
    expect(news.drop()).toEqual([encodeEvent(scriptedState(3))]);
    vi.advanceTimersByTime(PACE_MS);
    news.flush();
    expect(sent).toHaveLength(2);
  });
});
