/**
 * One curve over the steps: faint as it was, strong as it is smoothed, points
 * for the test set; hairlines where an epoch ends, dashes where a fault was.
 */
import type { CurveData } from './chart-data.js';
import { curveOptions } from './curve-options.js';
import { make, setAttribute, setText } from './dom.js';
import { count } from './format.js';
import { Plot } from './plot.js';

/** What a curve is of. */
export interface CurveKind {
  readonly title: string;
  /** Of the axis, short. */
  readonly unit: string;
  /** Whether it spans orders of magnitude. */
  readonly isLog: boolean;
  /** Whether there are points of the test set. */
  readonly hasTest: boolean;
  /** Name of its colour. */
  readonly colour: `--${string}`;
  /** Lowest and highest value shown, from those there are: all, and smooth. */
  readonly range: (
    low: number,
    high: number,
    smooth: readonly (number | null)[],
  ) => [number, number];
  readonly format: (value: number | null) => string;
  /** The same, as short as an axis needs it. */
  readonly axisFormat: (value: number) => string;
}

/** Vertical lines. */
export interface CurveMarks {
  readonly epochs: readonly number[];
  readonly faults: readonly number[];
}

/** Height of a plot in pixels. */
const HEIGHT = 190;

/** One figure of the page. */
export class CurveView {
  readonly #kind: CurveKind;
  readonly #plot: Plot;
  readonly #box = make('div', {
    class: 'plot',
    tabindex: '0',
    role: 'img',
    'data-empty': 'true',
    'aria-label': 'no step yet',
  });
  readonly #readout = make('span', { class: 'readout' });
  #marks: CurveMarks = { epochs: [], faults: [] };
  #data: CurveData = { step: [], raw: [], smooth: [], test: [] };

  /** @param figure an empty element of the page. */
  constructor(figure: HTMLElement, kind: CurveKind) {
    this.#kind = kind;
    figure.append(this.#caption(), this.#box);
    const width = Math.max(200, this.#box.clientWidth);
    const options = curveOptions(kind, {
      marks: () => this.#marks,
      data: () => this.#data,
      hover: (at) => this.#read(at),
    });
    this.#plot = new Plot(
      { ...options, width, height: HEIGHT },
      [[], [], [], []],
      this.#box,
    );
    new ResizeObserver(() => {
      const { clientWidth } = this.#box;
      if (clientWidth > 0 && clientWidth !== this.#plot.width) {
        this.#plot.setSize({ width: clientWidth, height: HEIGHT });
      }
    }).observe(this.#box);
    this.#box.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Shows other data. */
  update(data: CurveData, marks: CurveMarks): void {
    this.#data = data;
    this.#marks = marks;
    const { step, raw, smooth, test } = data;
    this.#box.dataset['empty'] = String(step.length === 0);
    this.#plot.setData([step, raw, smooth, test] as never);
    this.#read(null);
    setAttribute(this.#box, 'aria-label', this.#inWords());
  }

  /** Draws again, in the colours of now. */
  restyle(): void {
    this.#plot.redraw(false);
  }

  #caption(): HTMLElement {
    const caption = make(
      'figcaption',
      {},
      make('h2', { text: this.#kind.title }),
      make('span', { class: 'quiet unit', text: this.#kind.unit }),
      this.#readout,
    );
    return caption;
  }

  #inWords(): string {
    const { title, format, hasTest } = this.#kind;
    const last = this.#data.smooth.findLast((value) => value !== null) ?? null;
    const test = this.#data.test.findLast((value) => value !== null) ?? null;
    const step = count(this.#data.step.at(-1) ?? 0);
    const tested = hasTest && test !== null ? `, test set ${format(test)}` : '';
    return `${title} over the steps: ${format(last)} at step ${step}${tested}. Arrow keys read other steps.`;
  }

  /** Writes the values at an index, or the last ones. */
  #read(index: number | null): void {
    const { step, smooth, test } = this.#data;
    if (step.length === 0) return setText(this.#readout, 'no step yet');
    const { format } = this.#kind;
    const at = index ?? smooth.findLastIndex((value) => value !== null);
    const tested =
      index === null ? test.findLast((one) => one !== null) : test[at];
    const where = index === null ? '' : `step ${count(step[at] ?? 0)}: `;
    const more =
      tested === null || tested === undefined
        ? ''
        : ` · test ${format(tested)}`;
    setText(this.#readout, `${where}${format(smooth[at] ?? null)}${more}`);
  }

  /** Moves the cursor by keys. */
  #key(event: KeyboardEvent): void {
    const { length } = this.#data.step;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || length === 0) return;
    event.preventDefault();
    const stride = Math.max(1, Math.round(length / 60));
    const from = this.#plot.cursor.idx ?? length - 1;
    const to = Math.max(0, Math.min(length - 1, from + by * stride));
    const left = this.#plot.valToPos(this.#data.step[to] ?? 0, 'x');
    this.#plot.setCursor({ left, top: HEIGHT / 3 });
  }
}
