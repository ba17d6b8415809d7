import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { FeedMessage } from '../feed.js';
import {
  scriptedIncidents,
  scriptedPoints,
  scriptedState,
} from '../testing.js';
import { encodeEvent } from './encode-event.js';
import { MAX_WAITING_BYTES, PageStream } from './page-stream.js';

/** A response whose socket is full when a test says so. */
class FakeResponse extends EventEmitter {
  readonly written: string[] = [];
  isFull = false;
  destroyed = false;
  writeHead() {
    return this;
  }
  write(bytes: Buffer): boolean {
    this.written.push(bytes.toString());
    return !this.isFull;
  }
  destroy() {
    this.destroyed = true;
  }
  /** The page has read everything. */
  drain() {
    this.written.length = 0;
    this.isFull = false;
    this.emit('drain');
  }
}

function fullStream() {
  const response = new FakeResponse();
  const stream = new PageStream(response as unknown as ServerResponse);
  response.isFull = true;
  stream.open([]);
  return { response, stream };
}

function sendTo(stream: PageStream, message: FeedMessage): void {
  const event = encodeEvent(message);
  stream.send([event], event.bytes);
}

const textOf = (...messages: FeedMessage[]) =>
  messages.map((message) => encodeEvent(message).bytes.toString()).join('');

describe('PageStream', () => {
  it('of a slow page keeps the newest state and all points, in order', () => {
    const { response, stream } = fullStream();
    const [incident] = scriptedIncidents(1);
    const news = [
      scriptedState(1),
      scriptedPoints(1, 1),
      scriptedState(2),
      incident!,
      scriptedState(3),
      scriptedPoints(2, 3),
    ];
    for (const message of news) sendTo(stream, message);
    stream.beat();
    response.drain();
    const [, points, , , newest, last] = news;
    expect(response.written).toEqual([
      textOf(points!, incident!, newest!, last!),
    ]);
  });

  it('never holds more than its limit: then it ends', () => {
    const { response, stream } = fullStream();
    const points = scriptedPoints(1, 100);
    const { length } = encodeEvent(points).bytes;
    const numKept = Math.floor(MAX_WAITING_BYTES / length);
    for (let i = 0; i < numKept; i++) sendTo(stream, points);
    expect(response.destroyed).toBe(false);
    sendTo(stream, points);
    expect(response.destroyed).toBe(true);
  });

  it('may be sent any number of states meanwhile', () => {
    const { response, stream } = fullStream();
    for (let step = 1; step <= 400; step++) {
      sendTo(stream, scriptedState(step));
    }
    expect(response.destroyed).toBe(false);
    response.drain();
    expect(response.written).toEqual([textOf(scriptedState(400))]);
  });
});

describe('encodeEvent', () => {
  it('writes a message once, whoever reads it', () => {
    const message = scriptedState(1);
    expect(encodeEvent(message)).toBe(encodeEvent(message));
    expect(encodeEvent(message).bytes.toString()).toBe(
      `event: state\ndata: ${JSON.stringify(message)}\n\n`,
    );
  });
});
