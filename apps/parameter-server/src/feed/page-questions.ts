/**
 * Questions of the live page on their way through the brain: each one gets a
 * number, and the promise behind it settles with the brain's answer.
 */
import type { ServerEffect, ServerEvent } from '@muster/cluster';
import type { Classification } from '@muster/dashboard';
import { MusterError } from '@muster/protocol';

/** How the brain answers a question. */
export type PageAnswer = Extract<
  ServerEffect,
  { type: 'classified' | 'not-classified' }
>;

/** How a question's promise is settled. */
interface Asked {
  readonly resolve: (answer: Classification) => void;
  readonly reject: (error: MusterError) => void;
}

/** See the head of this file. */
export class PageQuestions {
  readonly #handle: (event: ServerEvent) => void;
  readonly #open = new Map<number, Asked>();
  #lastId = 0;

  /** @param handle hands an event to the brain, and carries out its effects. */
  constructor(handle: (event: ServerEvent) => void) {
    this.#handle = handle;
  }

  /**
   * What the current network says to an image, uint8 [rows * columns].
   * @throws MusterError `ERR_NO_WORKERS`, `ERR_CONNECTION_LOST`,
   *   `ERR_REQUEST_TIMEOUT`.
   */
  ask(image: Uint8Array): Promise<Classification> {
    const requestId = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#open.set(requestId, { resolve, reject });
      this.#handle({ type: 'classify', requestId, image });
    });
  }

  /** The brain has answered. */
  answered(answer: PageAnswer): void {
    const question = this.#open.get(answer.requestId);
    this.#open.delete(answer.requestId);
    if (answer.type === 'classified') {
      const { version, probabilities } = answer;
      question?.resolve({ version, probabilities });
    } else question?.reject(new MusterError(answer.code, answer.message));
  }
}
