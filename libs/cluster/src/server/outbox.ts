/**
 * Effects in the order they were decided.
 */
import type { ErrorCode, Packet } from '@muster/protocol';
import type { ServerEffect } from './effects.js';
import type { RunReport } from './run-report.js';

/** Collects effects until they are taken. */
export class Outbox {
  #effects: ServerEffect[] = [];

  /** Adds any effect. */
  add(effect: ServerEffect): void {
    this.#effects.push(effect);
  }

  /** A packet for one connection. */
  send(connection: number, packet: Packet): void {
    this.add({ type: 'send', connection, packet });
  }

  /** The end of a connection, with its reason. */
  close(connection: number, code: ErrorCode, message: string): void {
    this.add({ type: 'close', connection, code, message });
  }

  /** Something for logs and metrics. */
  report(report: RunReport): void {
    this.add({ type: 'report', report });
  }

  /** Everything since the last call. */
  take(): ServerEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
