/**
 * The leaves of the step in flight, each in the colour of who holds it.
 */
import type { LeafState } from '../feed.js';
import { workerClass, workerMark } from './colours.js';
import { byId, make, setAttribute, setText } from './dom.js';
import { count } from './format.js';
import { leafGrid } from './leaf-layout.js';
import type { News, View } from './painter.js';
import type { RunModel } from './run-model.js';

/** Height that the picture should not exceed. Pixels. */
const HEIGHT = 200;
/** Cells smaller than this have no room for a mark. Pixels. */
const LEAST_FOR_MARK = 20;

/** See the head of this file. */
export class LeavesView implements View {
  readonly shows: readonly News[] = ['state'];
  readonly #box = byId('leaves', HTMLElement);

  paint({ state }: RunModel): void {
    const leaves = state?.leaves ?? [];
    const ids = state?.workers.map(({ workerId }) => workerId) ?? [];
    const { columns, size } = leafGrid(
      leaves.length,
      this.#box.clientWidth,
      HEIGHT,
    );
    this.#box.style.gridTemplateColumns = `repeat(${columns}, ${size - 3}px)`;
    this.#box.style.gridAutoRows = `${size - 3}px`;
    while (this.#box.childElementCount > leaves.length) {
      this.#box.lastElementChild?.remove();
    }
    leaves.forEach((leaf, index) => {
      const cell =
        this.#box.children[index] ?? this.#box.appendChild(make('span'));
      paintCell(cell, leaf, ids, size >= LEAST_FOR_MARK);
      setAttribute(cell, 'title', `leaf ${index}: ${leafWords(leaf)}`);
    });
    const words = leavesInWords(leaves);
    setAttribute(this.#box, 'aria-label', words);
    setText(byId('leaves-count', HTMLElement), countWords(leaves));
  }
}

function paintCell(
  cell: Element,
  { state, workerId, hasBackup }: LeafState,
  ids: readonly string[],
  hasRoom: boolean,
): void {
  const who = workerId === null ? '' : workerClass(workerId, ids);
  const backup = hasBackup ? 'backup' : '';
  setAttribute(cell, 'class', `cell ${state} ${who} ${backup}`.trim());
  setText(cell, hasRoom && workerId !== null ? workerMark(workerId) : '');
}

function leafWords({ state, workerId, hasBackup }: LeafState): string {
  if (workerId === null) return 'open';
  const what = state === 'summed' ? 'summed, of' : 'being computed by';
  return `${what} ${workerId}${hasBackup ? ', with a backup' : ''}`;
}

function countWords(leaves: readonly LeafState[]): string {
  if (leaves.length === 0) return 'none';
  const summed = leaves.filter(({ state }) => state === 'summed').length;
  return `${count(summed)} of ${count(leaves.length)} leaves in`;
}

/** The picture as a text. */
export function leavesInWords(leaves: readonly LeafState[]): string {
  if (leaves.length === 0) return 'No step is in flight';
  const held = new Map<string, number>();
  for (const { workerId } of leaves) {
    if (workerId !== null) held.set(workerId, (held.get(workerId) ?? 0) + 1);
  }
  const number = (state: LeafState['state']) =>
    leaves.filter((leaf) => leaf.state === state).length;
  const who = [...held].map(([id, leaf]) => `${id} ${leaf}`).join(', ');
  return (
    `${leaves.length} leaves: ${number('summed')} summed, ` +
    `${number('leased')} being computed, ${number('open')} open; ` +
    `held by ${who || 'nobody'}`
  );
}
