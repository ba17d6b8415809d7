/**
 * What a worker has pushed and was not answered by every server. It is kept
 * until it was: a server that comes back is sent it again, under the same id
 * and with the same bytes, so that twice is known to be twice.
 */
import type { ErrorCode, MessageOf, Packet } from '@muster/protocol';
import type { WorkerLinks } from './worker-links.js';

/** One push, under way to one or several servers. */
interface Unanswered {
  readonly taskId: number;
  /** By link; one that has answered is taken out. */
  readonly packets: Map<number, Packet>;
  /** What keeps it from counting, so far. */
  trouble: { code: ErrorCode; message: string } | 'returned' | undefined;
}

/** Pushes by an id that never repeats. */
export class UnansweredPushes {
  readonly #links: Pick<WorkerLinks, 'send'>;
  readonly #pushes = new Map<number, Unanswered>();
  #nextPushId = 1;

  constructor(links: Pick<WorkerLinks, 'send'>) {
    this.#links = links;
  }

  /** Pushes that some server has not answered. */
  get size(): number {
    return this.#pushes.size;
  }

  /**
   * Gives a push its id and sends it to the servers that are there.
   * @param packets by link; kept, with their payloads, until all are answered.
   */
  push(taskId: number, packets: ReadonlyMap<number, Packet>): void {
    const pushId = this.#nextPushId++;
    const numbered = new Map<number, Packet>();
    for (const [link, packet] of packets) {
      const message = { ...packet.message, pushId } as Packet['message'];
      numbered.set(link, { ...packet, message });
    }
    const trouble = undefined;
    this.#pushes.set(pushId, { taskId, packets: numbered, trouble });
    for (const [link, packet] of numbered) this.#links.send(link, packet);
  }

  /**
   * A server has decided on a push. The last one to do so ends it: the
   * coordinator is told of what does not count everywhere.
   */
  answered(link: number, result: MessageOf<'push-result'>): void {
    const push = this.#pushes.get(result.pushId);
    if (push?.packets.delete(link) !== true) return;
    const { outcome, code, message = '' } = result;
    if (outcome === 'refused' && code) push.trouble = { code, message };
    else if (outcome === 'stale' || outcome === 'overlap') {
      push.trouble ??= 'returned';
    }
    if (push.packets.size > 0) return;
    this.#pushes.delete(result.pushId);
    this.#tellTrouble(push);
  }

  /** Sends a server again what it has not answered. */
  sayAgain(link: number): void {
    for (const { packets } of this.#pushes.values()) {
      const packet = packets.get(link);
      if (packet) this.#links.send(link, packet);
    }
  }

  #tellTrouble({ taskId, trouble }: Unanswered): void {
    if (trouble === undefined) return;
    const message =
      trouble === 'returned'
        ? ({ type: 'task-returned', taskId } as const)
        : ({ type: 'task-failed', taskId, ...trouble } as const);
    this.#links.send(0, { message });
  }
}
