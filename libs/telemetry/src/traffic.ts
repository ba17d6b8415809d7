/**
 * The bytes of a process: over connections that come and go, and what their
 * payloads would be without encoding.
 */

/** What counts its own bytes: a connection. */
export interface Counted {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Bytes since the process began. */
export interface TrafficTotals {
  readonly sent: number;
  readonly received: number;
  readonly sentRaw: number;
  readonly receivedRaw: number;
}

/**
 * Sums up. Frames are counted by their connections, and added up when somebody
 * asks; payloads are told as they come and go.
 */
export class Traffic {
  readonly #live: () => Iterable<Counted>;
  #sent = 0;
  #received = 0;
  #sentRaw = 0;
  #receivedRaw = 0;

  /** @param live connections that are there, and were not told to have ended. */
  constructor(live: () => Iterable<Counted>) {
    this.#live = live;
  }

  /** A connection has ended: it is not among the live ones any more. */
  ended({ bytesSent, bytesReceived }: Counted): void {
    this.#sent += bytesSent;
    this.#received += bytesReceived;
  }

  /** A payload goes out, of so many bytes before encoding, once a receiver. */
  sendingRaw(numBytes: number): void {
    this.#sentRaw += numBytes;
  }

  /** A payload came in, of so many bytes before encoding. */
  receivedRaw(numBytes: number): void {
    this.#receivedRaw += numBytes;
  }

  /** All bytes so far. */
  get totals(): TrafficTotals {
    let [sent, received] = [this.#sent, this.#received];
    for (const { bytesSent, bytesReceived } of this.#live()) {
      sent += bytesSent;
      received += bytesReceived;
    }
    const raw = { sentRaw: this.#sentRaw, receivedRaw: this.#receivedRaw };
    return { sent, received, ...raw };
  }
}
