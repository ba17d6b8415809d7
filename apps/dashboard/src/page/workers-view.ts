/**
 * A row a worker.
 */
import type { WorkerRow } from '../feed.js';
import { PHASES, STRAGGLING } from './answers.js';
import { workerClass } from './colours.js';
import { byId, make, setAttribute, setText } from './dom.js';
import { count, milliseconds } from './format.js';
import type { News, View } from './painter.js';
import type { RunModel } from './run-model.js';

/** The cells of a row that change. */
interface Row {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly backend: HTMLElement;
  readonly state: HTMLElement;
  readonly rate: HTMLElement;
  readonly contributions: HTMLElement;
  readonly bar: HTMLElement;
  readonly tip: HTMLElement;
  readonly pace: HTMLElement;
}

/** See the head of this file. */
export class WorkersView implements View {
  readonly shows: readonly News[] = ['state'];
  readonly #rows = new Map<string, Row>();
  readonly #body = byId('workers', HTMLElement);

  constructor() {
    byId('phase-legend', HTMLElement).append(
      ...PHASES.map(([phase, name]) =>
        make(
          'li',
          {},
          make('span', { class: `swatch phase-${phase}` }),
          document.createTextNode(name),
        ),
      ),
    );
  }

  paint({ state }: RunModel): void {
    const workers = inOrder(state?.workers ?? []);
    const ids = workers.map(({ workerId }) => workerId);
    for (const [id, row] of this.#rows) {
      if (ids.includes(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    const before = this.#rows.size;
    for (const worker of workers) this.#paintRow(worker, ids);
    if (this.#rows.size > before) this.#sortRows(ids);
    byId('no-workers', HTMLElement).hidden = workers.length > 0;
  }

  /** Puts the rows in the order of their names. */
  #sortRows(ids: readonly string[]): void {
    const rows = ids.flatMap((id) => this.#rows.get(id)?.element ?? []);
    this.#body.append(...rows);
  }

  #paintRow(worker: WorkerRow, ids: readonly string[]): void {
    const { workerId, incarnation, straggling } = worker;
    let row = this.#rows.get(workerId);
    if (row === undefined) {
      row = makeRow();
      this.#rows.set(workerId, row);
      this.#body.append(row.element);
    }
    const isActive = worker.state === 'active';
    const isSlow = isActive && straggling >= STRAGGLING;
    setAttribute(row.element, 'data-state', worker.state);
    setAttribute(row.name, 'class', `worker ${workerClass(workerId, ids)}`);
    setText(row.name, workerId);
    setText(row.backend, worker.backend);
    setAttribute(row.backend, 'title', `incarnation ${incarnation}`);
    setText(row.state, worker.state);
    setText(row.rate, isActive ? count(worker.imagesPerSecond) : '–');
    setText(row.contributions, count(worker.contributions));
    setText(row.pace, isActive ? paceWords(straggling, isSlow) : '–');
    setAttribute(row.pace, 'class', isSlow ? 'watch' : 'quiet');
    paintPhases(row, worker.phasesMs);
  }
}

/** By name, numbers in it as numbers: `worker-9` before `worker-10`. */
function inOrder(workers: readonly WorkerRow[]): WorkerRow[] {
  return [...workers].sort((a, b) =>
    a.workerId.localeCompare(b.workerId, 'en', { numeric: true }),
  );
}

/** Against the median worker's: `1.0×`, `2.1× slower: straggler`. */
export function paceWords(straggling: number, isSlow: boolean): string {
  const times = `${straggling.toFixed(straggling < 10 ? 1 : 0)}×`;
  return isSlow ? `${times}, straggler` : times;
}

function makeRow(): Row {
  const name = make('span');
  const backend = make('span', { class: 'quiet' });
  const state = make('span', { class: 'worker-state' });
  const rate = make('span');
  const contributions = make('span');
  const tip = make('span', { class: 'tip', 'aria-hidden': 'true' });
  const bar = make('div', { class: 'phases', role: 'img', tabindex: '0' });
  for (const [phase] of PHASES) {
    bar.append(make('i', { class: `phase-${phase}` }));
  }
  const pace = make('span');
  const cell = (label: string, kind: string, ...inside: Node[]) =>
    make('td', { role: 'cell', 'data-label': label, class: kind }, ...inside);
  const element = make(
    'tr',
    { role: 'row' },
    make('th', { role: 'rowheader', scope: 'row' }, name, backend),
    cell('State', 'cell-state', state),
    cell('Images/s', 'number', rate),
    cell('Contributions', 'number', contributions),
    cell('Time of a task', 'cell-phases', bar, tip),
    cell('Pace', 'cell-pace', pace),
  );
  return {
    element,
    name,
    backend,
    state,
    rate,
    contributions,
    bar,
    tip,
    pace,
  };
}

function paintPhases(row: Row, phasesMs: WorkerRow['phasesMs']): void {
  const total = PHASES.reduce((sum, [phase]) => sum + phasesMs[phase], 0);
  PHASES.forEach(([phase], index) => {
    const part = row.bar.children[index];
    if (!(part instanceof HTMLElement)) return;
    const share = total > 0 ? phasesMs[phase] / total : 0;
    part.style.width = `${(100 * share).toFixed(2)}%`;
  });
  const words = PHASES.map(
    ([phase, name]) => `${name} ${milliseconds(phasesMs[phase])}`,
  ).join(', ');
  setText(row.tip, `${milliseconds(total)}: ${words}`);
  setAttribute(
    row.bar,
    'aria-label',
    `${milliseconds(total)} a task: ${words}`,
  );
}
