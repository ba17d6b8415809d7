/**
 * Reads a stream of server-sent events out of text that comes in pieces.
 */

/** One event of a stream. */
export interface StreamEvent {
  /** `message` where the stream gives no name. */
  readonly name: string;
  readonly data: string;
}

/**
 * The parser of https://html.spec.whatwg.org/multipage/server-sent-events.html
 * without ids and times to retry, which the feed does not use.
 */
export class EventStream {
  #rest = '';
  #name = '';
  #data: string[] = [];

  /** Takes a piece of text, cut anywhere; gives the events that it ends. */
  push(text: string): StreamEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): StreamEvent | undefined {
    if (line === '') return this.#end();
    const [field, value] = split(line);
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
    return undefined;
  }

  #end(): StreamEvent | undefined {
    const [name, data] = [this.#name || 'message', this.#data];
    this.#name = '';
    this.#data = [];
    return data.length > 0 ? { name, data: data.join('\n') } : undefined;
  }
}

function split(line: string): [field: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
