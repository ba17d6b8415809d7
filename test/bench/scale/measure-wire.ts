/**
 * What messages cost both ends, over the whole stack and a TCP connection of
 * this machine.
 */
import type { Contender } from '../contender.js';
import { bySize, costBySize, startContender } from './by-size.js';
import type { WireAnswer, WireQuestion } from './contenders/wire-end.js';
import type { Cost, Costs } from './costs.js';

/** Exchanges of one measurement, and words. */
const TIMES = 160;
const WORDS = 4000;
const WARM_UP = 48;

/** Processor time. */
export type WireCosts = Pick<
  Costs,
  | 'pushSend'
  | 'pushReceive'
  | 'parametersEncode'
  | 'parametersSend'
  | 'parametersReceive'
  | 'wordSend'
  | 'wordReceive'
>;

/** How messages are exchanged. */
export type WireOptions = Pick<WireQuestion, 'isMasked' | 'inFlight'>;

/** What was measured. */
export interface MeasuredWire {
  readonly wire: WireCosts;
  /** From one process to the other, beside what both do. Milliseconds. */
  readonly latencyMs: number;
}

/** Of one exchange. Milliseconds. */
interface Exchange {
  /** Processor time at each end. */
  readonly worker: number;
  readonly server: number;
  readonly elapsed: number;
}

/** Measures in two processes, each on a core. */
export async function measureWire(options: WireOptions): Promise<MeasuredWire> {
  await using server = await startContender('wire-end', 1, 'server');
  await using worker = await startContender('wire-end', 0, 'worker');
  const ends = { server, worker };
  for (const what of ['word', 'push', 'pull'] as const) {
    await bySize((length) =>
      exchange(ends, { ...options, what, length, times: WARM_UP }),
    );
  }
  const word = await exchange(ends, {
    ...{ ...options, what: 'word', length: 1, times: WORDS },
  });
  const of = (what: WireQuestion['what']) =>
    bySize((length) =>
      exchange(ends, { ...options, what, length, times: TIMES }),
    );
  const [push, pull, encode] = [
    await of('push'),
    await of('pull'),
    await of('encode'),
  ];
  const [{ elapsed, worker: sending, server: reading }] = push;
  const encoded = costBySize(encode, (one) => one.server);
  const answered = costBySize(pull, (one) => one.server - word.server);
  return {
    latencyMs: Math.max(0, (elapsed - sending - reading) / 2),
    wire: {
      pushSend: costBySize(push, (one) => one.worker - word.server),
      pushReceive: costBySize(push, (one) => one.server - word.worker),
      parametersEncode: encoded,
      parametersSend: difference(answered, encoded),
      parametersReceive: costBySize(pull, (one) => one.worker - word.worker),
      wordSend: { fixedMs: word.worker, msPerByte: 0 },
      wordReceive: { fixedMs: word.server, msPerByte: 0 },
    },
  };
}

/** Has one end do something, and tells what it cost both. */
async function exchange(
  {
    server,
    worker,
  }: { readonly server: Contender; readonly worker: Contender },
  question: Omit<WireQuestion, 'url'>,
): Promise<Exchange> {
  const { url } = server.firstAnswer as { readonly url: string };
  const used = async () =>
    [await usedBy(worker), await usedBy(server)] as const;
  const end = question.what === 'encode' ? server : worker;
  const before = await used();
  const { elapsedMs } = await end.ask<WireAnswer>({ ...question, url });
  const after = await used();
  const { times } = question;
  return {
    worker: (after[0] - before[0]) / times,
    server: (after[1] - before[1]) / times,
    elapsed: elapsedMs / times,
  };
}

/** Milliseconds of processor time that a process has used so far. */
async function usedBy(end: Contender): Promise<number> {
  const question = { what: 'nothing' };
  return (await end.ask<WireAnswer>(question)).processorMs;
}

function difference(whole: Cost, part: Cost): Cost {
  return {
    fixedMs: Math.max(0, whole.fixedMs - part.fixedMs),
    msPerByte: Math.max(0, whole.msPerByte - part.msPerByte),
  };
}
