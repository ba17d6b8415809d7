/** The four counters of bytes that every process has. */
import type { Registry } from 'prom-client';
import { createRunningTotal } from './metric-definition.js';
import type { MetricDefinition } from './metric-definition.js';
import type { TrafficTotals } from './traffic.js';

/** Registers them and gives what sets them. */
export function trafficMetrics(
  registry: Registry,
  of: Readonly<
    Record<
      'sentBytes' | 'receivedBytes' | 'sentRawBytes' | 'receivedRawBytes',
      MetricDefinition
    >
  >,
) {
  const sent = createRunningTotal(registry, of.sentBytes);
  const received = createRunningTotal(registry, of.receivedBytes);
  const sentRaw = createRunningTotal(registry, of.sentRawBytes);
  const receivedRaw = createRunningTotal(registry, of.receivedRawBytes);
  return {
    setTraffic(totals: TrafficTotals): void {
      sent.set(totals.sent);
      received.set(totals.received);
      sentRaw.set(totals.sentRaw);
      receivedRaw.set(totals.receivedRaw);
    },
  };
}
