import { createLogger } from '@muster/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeedMessage } from '../feed.js';
import { EventStream } from '../page/event-stream.js';
import { scriptedEpoch, scriptedPoints, ScriptedFeed } from '../testing.js';
import { SCRIPTED_FACTS, scriptedState } from '../testing.js';
import { startDashboard } from './start-dashboard.js';
import type { Dashboard, DashboardOptions } from './start-dashboard.js';

const SCRIPT = Buffer.from(`const run = 1;\n${'// again\n'.repeat(100)}`);
const FILES = [
  { path: '/', contentType: 'text/html', body: Buffer.from('<p>page</p>') },
  { path: '/page.js', contentType: 'text/javascript', body: SCRIPT },
];
const OCTETS = { 'content-type': 'application/octet-stream' };

let feed: ScriptedFeed;
let dashboard: Dashboard;
let log: ReturnType<typeof createLogger>;

async function serve(changed: Partial<DashboardOptions> = {}): Promise<void> {
  dashboard = await startDashboard({
    ...{ host: '127.0.0.1', port: 0, feed, files: FILES, log },
    ...changed,
  });
}

beforeEach(async () => {
  log = createLogger({ name: 'test', level: 'error', destination: 'stderr' });
  feed = new ScriptedFeed([SCRIPTED_FACTS, scriptedPoints(1, 3)]);
  await serve();
});
afterEach(() => dashboard.close());

/** An open page: reads events until there are so many. */
class Reader {
  readonly #body: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stream = new EventStream();
  readonly events: FeedMessage[] = [];

  constructor(body: ReadableStream<Uint8Array>) {
    this.#body = body.getReader();
  }

  static async open(): Promise<Reader> {
    const { status, body } = await fetch(`${dashboard.url}/api/events`);
    expect(status).toBe(200);
    return new Reader(body!);
  }

  async upTo(numEvents: number): Promise<FeedMessage[]> {
    while (this.events.length < numEvents && (await this.#read())) continue;
    return this.events;
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#body.read();
    const text = new TextDecoder().decode(value);
    for (const { name, data } of this.#stream.push(text)) {
      const message = JSON.parse(data) as FeedMessage;
      expect(message.type).toBe(name);
      this.events.push(message);
    }
    return !done;
  }

  close(): Promise<void> {
    return this.#body.cancel();
  }
}

describe('the page', () => {
  it('is served with all that keeps a browser in', async () => {
    const { headers, status } = await fetch(`${dashboard.url}/`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html');
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('comes packed, and only once', async () => {
    const url = `${dashboard.url}/page.js`;
    const { headers, body } = await fetch(url);
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(Number(headers.get('content-length'))).toBeLessThan(SCRIPT.length);
    await body!.cancel();
    const etag = headers.get('etag')!;
    const again = await fetch(url, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const plain = { 'accept-encoding': 'identity' };
    const answer = await fetch(url, { headers: plain });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(SCRIPT);
  });
});

describe('a stream', () => {
  it('begins with what happened, and goes on with what happens', async () => {
    const reader = await Reader.open();
    await reader.upTo(2);
    const news = [scriptedPoints(4, 6), scriptedEpoch(1), scriptedState(100)];
    feed.emit(...news);
    expect(await reader.upTo(5)).toEqual([
      SCRIPTED_FACTS,
      scriptedPoints(1, 3),
      ...news,
    ]);
    await reader.close();
  });

  it('is listened for only while a page is open', async () => {
    expect(feed.numListeners).toBe(0);
    const first = await Reader.open();
    const second = await Reader.open();
    expect(feed.numListeners).toBe(1);
    await Promise.all([first.close(), second.close()]);
    await expect.poll(() => feed.numListeners).toBe(0);
  });

  it('brings the last news before the server closes', async () => {
    const reader = await Reader.open();
    feed.emit(scriptedState(400));
    const closed = dashboard.close();
    const events = await reader.upTo(Infinity);
    expect(events.at(-1)).toEqual(scriptedState(400));
    await closed;
  });

  it('is refused beyond 200, in words', async () => {
    const open = Array.from({ length: 200 }, () => Reader.open());
    const readers = await Promise.all(open);
    const answer = await fetch(`${dashboard.url}/api/events`);
    expect(answer.status).toBe(503);
    const { message } = (await answer.json()) as { message: string };
    expect(message).toContain('at most 200');
    await Promise.all(readers.map((reader) => reader.close()));
  });
});

describe('classify', () => {
  const post = (
    body: Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = OCTETS,
  ) =>
    fetch(`${dashboard.url}/api/classify`, { method: 'POST', body, headers });
  const image = Uint8Array.from({ length: 784 }, (_, at) => at % 256);

  it('hands the image on and gives the answer back', async () => {
    const answer = await post(image);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(await feed.answer(image));
    expect(feed.asked).toEqual([image]);
  });

  it.each([
    [783, 400],
    [785, 413],
    [100_000, 413],
  ])('refuses %i bytes by %i', async (numBytes, status) => {
    const answer = await post(new Uint8Array(numBytes));
    expect(answer.status).toBe(status);
    const { message } = (await answer.json()) as { message: string };
    expect(message).toBe(`expected an image of 784 bytes, got ${numBytes}`);
    expect(feed.asked).toEqual([]);
  });

  it('wants the type that no form of another page can send', async () => {
    const type = { 'content-type': 'text/plain' };
    expect((await post(image, type)).status).toBe(415);
    expect((await fetch(`${dashboard.url}/api/classify`)).status).toBe(405);
  });

  it('says why nobody answers', async () => {
    const why = Object.assign(new Error('no worker takes tasks'), {
      code: 'ERR_NO_WORKERS',
    });
    feed.answer = () => Promise.reject(why);
    const answer = await post(image);
    expect(answer.status).toBe(503);
    const { code, message } = { code: why.code, message: why.message };
    expect(await answer.json()).toEqual({ code, message });
  });

  it('asks for two at once of one address, and no more', async () => {
    const answers: (() => void)[] = [];
    feed.answer = () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ version: 1, probabilities: [1] }));
      });
    const asked = [post(image), post(image)];
    await expect.poll(() => answers.length).toBe(2);
    expect((await post(image)).status).toBe(429);
    for (const answer of answers) answer();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([
      200, 200,
    ]);
  });
});

describe('with a login', () => {
  it('the page is for everybody and the rest for who is let in', async () => {
    await dashboard.close();
    const login = (header?: string) =>
      header === 'Bearer right' ? ('ok' as const) : ('missing' as const);
    await serve({ login });
    expect((await fetch(`${dashboard.url}/`)).status).toBe(200);
    const api = `${dashboard.url}/api/events`;
    const refused = await fetch(api);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    const headers = { authorization: 'Bearer right' };
    const { status, body } = await fetch(api, { headers });
    expect(status).toBe(200);
    await body!.cancel();
  });
});
