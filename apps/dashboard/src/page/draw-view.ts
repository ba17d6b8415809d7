/**
 * Draw a digit, and see what the network says to it.
 */
import { bars, ranked } from './bars.js';
import type { Verdict } from './classify.js';
import { byId, setAttribute, setText } from './dom.js';
import { count, percent } from './format.js';
import { isBlank } from './ink.js';
import type { Sheet } from './ink.js';
import { normalised } from './normalise.js';
import { Pad } from './pad.js';
import type { News, View } from './painter.js';
import { paintInk } from './pictures.js';
import type { RunModel } from './run-model.js';

/** After the last change it waits this long before it asks. Milliseconds. */
const PAUSE_MS = 300;

/** See the head of this file. */
export class DrawView implements View {
  readonly shows: readonly News[] = [];
  readonly #ask: (image: Uint8Array) => Promise<Verdict>;
  readonly #pad = new Pad((drawing) => this.#drawn(drawing));
  readonly #seen = byId('seen', HTMLCanvasElement);
  #side = { rows: 28, columns: 28 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The image that is to be asked about; null while there is none. */
  #image: Uint8Array | null = null;
  #name = 'this';
  #isAsking = false;

  /** @param ask puts the question; never rejects. */
  constructor(ask: (image: Uint8Array) => Promise<Verdict>) {
    this.#ask = ask;
    byId('clear', HTMLElement).addEventListener('click', () =>
      this.#pad.clear(),
    );
    this.#show(null);
  }

  paint({ facts }: RunModel): void {
    if (!facts) return;
    const { rows, columns } = facts;
    this.#side = { rows, columns };
    setText(byId('pad-size', HTMLElement), `${rows}×${columns}`);
    const box = Math.round((20 / 28) * rows);
    setText(byId('pad-box', HTMLElement), `${box}×${box}`);
  }

  /** Asks about an image of the data set, as it is. */
  pick(image: Uint8Array, name: string): void {
    const { rows, columns } = this.#side;
    this.#pad.showImage(image, rows, columns);
    this.#name = name;
    this.#show(image);
    this.#askSoon();
    byId('pad', HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  #drawn(drawing: Sheet): void {
    const { rows, columns } = this.#side;
    this.#name = 'this';
    if (isBlank(drawing)) {
      this.#show(null);
      this.#say('Nothing drawn yet.');
      byId('verdict-bars', HTMLElement).replaceChildren();
      return;
    }
    this.#show(normalised(drawing, rows, columns));
    this.#askSoon();
  }

  /** Shows what the network sees. */
  #show(image: Uint8Array | null): void {
    this.#image = image;
    const { rows, columns } = this.#side;
    paintInk(this.#seen, image ?? new Uint8Array(0), rows, columns);
    const words = image === null ? 'nothing yet' : 'the drawing, centred';
    setAttribute(this.#seen, 'aria-label', `What the network sees: ${words}`);
  }

  #askSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#askNow(), PAUSE_MS);
  }

  /** One question at a time: what was drawn meanwhile is asked next. */
  async #askNow(): Promise<void> {
    const image = this.#image;
    if (image === null || this.#isAsking) return;
    this.#isAsking = true;
    const verdict = await this.#ask(image);
    this.#isAsking = false;
    if (this.#image === image) this.#showVerdict(verdict);
    else this.#askSoon();
  }

  #showVerdict(verdict: Verdict): void {
    const box = byId('verdict-bars', HTMLElement);
    if (verdict.is === 'none') {
      this.#say(verdict.why, 'watch');
      return box.replaceChildren();
    }
    const { probabilities, version } = verdict.answer;
    const best = ranked(probabilities)[0] ?? 0;
    const sure = percent(probabilities[best] ?? 0);
    const what = this.#name === 'this' ? 'This is' : `${this.#name}, is`;
    this.#say(
      `${what.charAt(0).toUpperCase()}${what.slice(1)} a ${best}, says version ${count(version)} (${sure}).`,
    );
    box.replaceChildren(bars(probabilities, [...probabilities.keys()]));
  }

  #say(text: string, tone = ''): void {
    const verdict = byId('verdict', HTMLElement);
    setText(verdict, text);
    setAttribute(verdict, 'data-tone', tone);
  }
}
