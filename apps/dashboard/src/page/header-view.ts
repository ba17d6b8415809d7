/**
 * The head of the page: which run, how far, in what state.
 */
import type { RunFacts, RunState } from '../feed.js';
import type { ConnectionStatus } from './connection.js';
import { byId, make, setAttribute, setText } from './dom.js';
import { count, duration, percent } from './format.js';
import type { News, View } from './painter.js';
import type { RunModel } from './run-model.js';

/** What a state is called. */
export type StateWord =
  | 'gathering'
  | 'running'
  | 'evaluating'
  | 'finished'
  | 'stopped'
  | 'failed';

/** The state in one word; also what the style sheet knows it by. */
export function stateWord({ phase, outcome }: RunState): StateWord {
  if (phase !== 'ended') return phase;
  return outcome === 'drained' ? 'stopped' : (outcome ?? 'finished');
}

/** See the head of this file. */
export class HeaderView implements View {
  readonly shows: readonly News[] = ['state', 'rollback', 'epoch'];
  readonly #state = byId('state', HTMLElement);
  readonly #marks = byId('epoch-marks', HTMLElement);

  constructor() {
    byId('copy', HTMLElement).addEventListener('click', () => void copyHash());
  }

  paint({ facts, state, epochs }: RunModel): void {
    if (!facts) return;
    setText(byId('run-id', HTMLElement), facts.runId);
    setText(byId('run-what', HTMLElement), what(facts));
    if (!state) return;
    const word = stateWord(state);
    setText(this.#state, word);
    setAttribute(this.#state, 'data-state', word);
    document.title = `${word} ${percent(state.step / facts.totalSteps, 0)} · ${facts.runId}`;
    this.#progress(facts, state);
    this.#strip(state, epochs.at(-1)?.testAccuracy ?? null);
  }

  #progress(facts: RunFacts, state: RunState): void {
    const { totalSteps, epochs, stepsPerEpoch } = facts;
    const bar = byId('progress', HTMLProgressElement);
    bar.max = totalSteps;
    bar.value = state.step;
    const epoch = `epoch ${count(state.epoch)} of ${count(epochs)}`;
    const step = `step ${count(state.step)} of ${count(totalSteps)}`;
    setText(byId('where', HTMLElement), `${epoch} · ${step}`);
    const { etaSeconds: eta, phase } = state;
    const left =
      phase === 'ended' || eta === null ? '' : `${duration(eta)} left`;
    setText(byId('eta', HTMLElement), left);
    const numMarks = epochs > 40 ? 0 : epochs - 1;
    if (this.#marks.childElementCount === numMarks) return;
    this.#marks.replaceChildren();
    for (let mark = 1; mark <= numMarks; mark += 1) {
      const line = make('i');
      line.style.left = `${(100 * mark * stepsPerEpoch) / totalSteps}%`;
      this.#marks.append(line);
    }
  }

  #strip(state: RunState, testAccuracy: number | null): void {
    const active = state.workers.filter((row) => row.state === 'active').length;
    const known = state.workers.length;
    const word = active === known ? 'active' : `active of ${count(known)}`;
    setText(byId('test-accuracy', HTMLElement), percent(testAccuracy, 2));
    const workers =
      state.phase === 'ended'
        ? `${count(known)} at the end`
        : `${count(active)} ${word}`;
    setText(byId('active-workers', HTMLElement), workers);
    setText(byId('goodput', HTMLElement), percent(state.goodput));
    const { reproducible, parametersSha256 } = state;
    const bits = byId('reproducible', HTMLElement);
    setText(bits, reproducible ? 'yes, bit for bit' : 'no');
    setAttribute(bits, 'class', reproducible ? '' : 'watch');
    byId('copy', HTMLElement).hidden = parametersSha256 === null;
    setText(byId('hash', HTMLElement), parametersSha256 ?? whyNoHash(state));
  }
}

/** Why there is no hash: not yet, not at all, or not here. */
function whyNoHash({ phase, outcome }: RunState): string {
  if (phase !== 'ended') return 'once the run has finished';
  return outcome === 'finished'
    ? "not known here: this server's folder lacks the parts of the others"
    : 'none: the run has not come to its end';
}

function what(facts: RunFacts): string {
  const { network, numParameters, dataset, consistency, optimizer } = facts;
  return [
    `${network} (${count(numParameters)} parameters)`,
    dataset,
    `${optimizer}, ${consistency}`,
  ].join(' · ');
}

async function copyHash(): Promise<void> {
  const hash = byId('hash', HTMLElement);
  const said = byId('copied', HTMLElement);
  try {
    await navigator.clipboard.writeText(hash.textContent);
    setText(said, 'copied');
  } catch {
    // over plain HTTP from another machine there is no clipboard
    getSelection()?.selectAllChildren(hash);
    setText(said, 'selected: press Ctrl+C');
  }
}

/** Says where the connection stands. */
export function showConnection(
  status: ConnectionStatus,
  isEnded: boolean,
): void {
  const element = byId('connection', HTMLElement);
  setAttribute(element, 'data-is', isEnded ? 'over' : status.is);
  setText(element, connectionWords(status, isEnded));
}

/** The same in words. */
export function connectionWords(
  status: ConnectionStatus,
  isEnded: boolean,
): string {
  switch (status.is) {
    case 'connecting':
      return 'connecting';
    case 'live':
      return isEnded ? 'ended' : 'live';
    case 'over':
      return 'ended; this is its last state';
    case 'waiting':
      return `connection lost (${status.why}), trying again in ${duration(status.ms / 1000)}`;
    case 'refused':
      return status.hadToken ? 'token refused' : 'token needed';
  }
}
