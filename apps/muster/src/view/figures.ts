/**
 * Numbers and texts as people read them, the same on every machine.
 */

/** Gives a count with commas between thousands: `1,175`. Rounded. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Gives a ratio of 0 to 1 in percent: `98.61 %`. */
export function formatPercent(ratio: number): string {
  return Number.isFinite(ratio) ? `${(ratio * 100).toFixed(2)} %` : 'NaN';
}

/** Gives a loss with four digits after the point; large ones in powers of 10. */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss);
  return Math.abs(loss) < 1000 ? loss.toFixed(4) : loss.toExponential(2);
}

/** Gives a duration in two units at most: `9.3 s`, `1 min 12 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Gives a time that is left as a clock shows it: `0:42`, `1:02:03`, `-:--`. */
export function formatClock(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '-:--';
  const whole = Math.ceil(seconds);
  const [hours, rest] = [Math.floor(whole / 3600), whole % 3600];
  const minutes = Math.floor(rest / 60);
  const tail = twoDigits(rest % 60);
  if (hours === 0) return `${minutes}:${tail}`;
  return `${hours}:${twoDigits(minutes)}:${tail}`;
}

/** Gives a number with its noun: `1 worker`, `2 workers`. */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Gives the filled part of a bar: `####` is a fifth of 20 characters. */
export function formatBar(ratio: number, width: number): string {
  const share = Number.isFinite(ratio) ? Math.min(1, Math.max(0, ratio)) : 0;
  return '#'.repeat(Math.round(share * width));
}

/**
 * Replaces the control characters of a text that came from elsewhere, which
 * a terminal would obey; line breaks stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '?');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
