/**
 * One process that looks at a training as a number of open pages do: each is
 * a stream of its own, and reads all that comes.
 *
 * usage: open-pages.js URL COUNT
 *
 * It does what it is told by lines on standard input, and answers each with
 * what there was of streams since the line before, as JSON:
 *
 * - `open`: all streams are opened; answered once each has its first bytes.
 * - `close`: all are closed.
 */
import { get } from 'node:http';
import type { ClientRequest } from 'node:http';
import { createInterface } from 'node:readline';

const url = process.argv[2] ?? '';
const count = Number(process.argv[3]);

/** Streams that were opened together. */
class OpenPages {
  readonly told = { open: 0, bytes: 0, lost: 0, refused: 0 };
  readonly #requests: ClientRequest[] = [];
  #isOver = false;

  /** Resolves when each has had its first bytes, or has failed. */
  async open(): Promise<void> {
    const all = Array.from({ length: count }, () => this.#openOne());
    await Promise.all(all);
  }

  close(): void {
    this.#isOver = true;
    for (const request of this.#requests) request.destroy();
  }

  #openOne(): Promise<void> {
    return new Promise((resolve) => {
      const request = get(`${url}/api/events`, { agent: false });
      this.#requests.push(request);
      request.on('error', () => this.#ended(resolve));
      request.on('response', (response) => {
        if (response.statusCode === 200) this.told.open += 1;
        else this.told.refused += 1;
        response.on('data', (bytes: Buffer) => {
          this.told.bytes += bytes.length;
          resolve();
        });
        response.on('error', () => undefined);
        response.on('close', () => this.#ended(resolve));
      });
    });
  }

  #ended(resolve: () => void): void {
    if (!this.#isOver) this.told.lost += 1;
    resolve();
  }
}

let pages = new OpenPages();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'open') {
    pages = new OpenPages();
    await pages.open();
  } else pages.close();
  console.log(JSON.stringify(pages.told));
}
process.exit(0);
