/**
 * The drawing pad: mouse, touch or keys put ink on a sheet.
 */
import { byId, setText } from './dom.js';
import { drawLine, isBlank, sheet } from './ink.js';
import type { Sheet, Spot } from './ink.js';
import { paintInk } from './pictures.js';

/** Side length of the sheet in pixels; also the canvas's in index.html. */
const SIDE = 112;
/** Radius of the pen in pixels of the sheet. */
const RADIUS = 4.5;
/** How far a key moves the pen, in pixels of the sheet. */
const STRIDE = 4;

const ARROWS: Readonly<Record<string, Spot>> = {
  ArrowLeft: { x: -STRIDE, y: 0 },
  ArrowRight: { x: STRIDE, y: 0 },
  ArrowUp: { x: 0, y: -STRIDE },
  ArrowDown: { x: 0, y: STRIDE },
};

/** See the head of this file. */
export class Pad {
  readonly #canvas = byId('pad', HTMLCanvasElement);
  readonly #mark = byId('pen-mark', HTMLElement);
  readonly #changed: (drawing: Sheet) => void;
  #drawing = sheet(SIDE, SIDE);
  #pen: Spot = { x: SIDE / 2, y: SIDE / 2 };
  #isDown = false;
  #isPointing = false;

  /** @param changed is called after each change, but not amid a stroke. */
  constructor(changed: (drawing: Sheet) => void) {
    this.#changed = changed;
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', (event) => this.#point(event));
    canvas.addEventListener('pointermove', (event) => this.#drag(event));
    for (const end of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(end, () => this.#lift());
    }
    canvas.addEventListener('keydown', (event) => this.#key(event));
    this.#paint();
  }

  /** Takes everything away. */
  clear(): void {
    this.#drawing = sheet(SIDE, SIDE);
    this.#show();
  }

  /** Shows an image instead of a drawing, uint8 [rows · columns]. */
  showImage(image: Uint8Array, rows: number, columns: number): void {
    this.#drawing = sheet(SIDE, SIDE);
    for (let row = 0; row < SIDE; row += 1) {
      for (let column = 0; column < SIDE; column += 1) {
        const from =
          Math.floor((row * rows) / SIDE) * columns +
          Math.floor((column * columns) / SIDE);
        this.#drawing.pixels[row * SIDE + column] = image[from] ?? 0;
      }
    }
    this.#paint();
  }

  #show(): void {
    this.#paint();
    this.#changed(this.#drawing);
  }

  #paint(): void {
    paintInk(this.#canvas, this.#drawing.pixels, SIDE, SIDE);
    this.#mark.style.left = `${(100 * this.#pen.x) / SIDE}%`;
    this.#mark.style.top = `${(100 * this.#pen.y) / SIDE}%`;
    this.#mark.dataset['down'] = String(this.#isDown);
    this.#canvas.dataset['blank'] = String(isBlank(this.#drawing));
  }

  #spot(event: PointerEvent): Spot {
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIDE,
      y: ((event.clientY - box.top) / box.height) * SIDE,
    };
  }

  #point(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#isPointing = true;
    this.#pen = this.#spot(event);
    drawLine(this.#drawing, this.#pen, this.#pen, RADIUS);
    this.#paint();
  }

  #drag(event: PointerEvent): void {
    if (!this.#isPointing) return;
    const to = this.#spot(event);
    drawLine(this.#drawing, this.#pen, to, RADIUS);
    this.#pen = to;
    this.#paint();
  }

  #lift(): void {
    if (!this.#isPointing) return;
    this.#isPointing = false;
    this.#show();
  }

  #key(event: KeyboardEvent): void {
    const by = ARROWS[event.key];
    const isClear = event.key === 'Delete' || event.key === 'Backspace';
    if (!by && !isClear && event.key !== ' ') return;
    event.preventDefault();
    if (isClear) this.clear();
    else if (by) this.#move(by);
    else this.#turn();
    this.#say(isClear);
  }

  /** Sets the pen down, or lifts it. */
  #turn(): void {
    this.#isDown = !this.#isDown;
    if (this.#isDown) drawLine(this.#drawing, this.#pen, this.#pen, RADIUS);
    this.#show();
  }

  #move({ x, y }: Spot): void {
    const within = (at: number) => Math.max(2, Math.min(SIDE - 2, at));
    const to = { x: within(this.#pen.x + x), y: within(this.#pen.y + y) };
    if (this.#isDown) drawLine(this.#drawing, this.#pen, to, RADIUS);
    this.#pen = to;
    if (this.#isDown) this.#show();
    else this.#paint();
  }

  #say(isClear: boolean): void {
    const row = Math.floor(this.#pen.y / STRIDE) + 1;
    const column = Math.floor(this.#pen.x / STRIDE) + 1;
    const pen = this.#isDown ? 'down' : 'up';
    const cleared = isClear ? 'Cleared. ' : '';
    setText(
      byId('pen', HTMLElement),
      `${cleared}Pen ${pen}, row ${row}, column ${column}`,
    );
  }
}
