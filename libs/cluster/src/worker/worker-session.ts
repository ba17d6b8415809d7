/**
 * Who a worker is to its run: what it says of itself, the life that the
 * coordinator has counted it as, and the run that it was prepared for.
 */
import { PROTOCOL_VERSION } from '@muster/protocol';
import type { MessageOf } from '@muster/protocol';
import type { WorkerEnd, WorkerIdentity } from './worker-events.js';

/** One process's session; it outlives the connections. */
export class WorkerSession {
  readonly #identity: WorkerIdentity;
  #incarnation: number | undefined;
  #runId: string | undefined;

  constructor(identity: WorkerIdentity) {
    this.#identity = identity;
  }

  /** What it joins with: as the same life, once it has one. */
  join(): MessageOf<'join'> {
    const { workerId, numerics, backend, model, metricsUrl } = this.#identity;
    const incarnation = this.#incarnation;
    return {
      ...{ type: 'join', protocol: PROTOCOL_VERSION },
      ...{ workerId, numerics, backend },
      ...(incarnation !== undefined && { incarnation }),
      ...(model !== undefined && { model }),
      ...(metricsUrl !== undefined && { metricsUrl }),
    };
  }

  /** It has joined; gives the end where that is not the run it is ready for. */
  joined({ runId, incarnation }: MessageOf<'joined'>): WorkerEnd | undefined {
    const known = this.#runId;
    if (known !== undefined && known !== runId) {
      return {
        outcome: 'failed',
        code: 'ERR_NOT_JOINED',
        message: `the server at this address trains run ${runId} now, this worker was prepared for ${known}: start it again`,
      };
    }
    this.#runId = runId;
    this.#incarnation = incarnation;
    return undefined;
  }

  /** How it asks for parameters; nothing before it has joined. */
  subscribe(): MessageOf<'subscribe'> | undefined {
    const incarnation = this.#incarnation;
    if (incarnation === undefined) return undefined;
    const { workerId } = this.#identity;
    return { type: 'subscribe', workerId, incarnation };
  }
}
