/** Where a process serves metrics, as it may be said to others. */
import { metricsUrl } from './message-fields.js';

/**
 * Gives `url` where a message can hold it, `undefined` where it cannot or
 * there is none: an address that the other side refuses must not keep a
 * process from joining.
 */
export function tellableMetricsUrl(
  url: string | null | undefined,
): string | undefined {
  return metricsUrl.safeParse(url).data;
}
