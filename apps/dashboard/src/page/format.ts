/**
 * Numbers as people read them. Thin spaces part the thousands, a non-breaking
 * one stands before a unit; null is an en dash.
 */

const NONE = '–';
const THIN = '\u202f';
const SPACE = '\u00a0';

/** `12 345`. */
export function count(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** `98.52 %` of a share from 0 to 1; never 100 % where something is missing. */
export function percent(share: number | null, digits = 1): string {
  if (share === null || !Number.isFinite(share)) return NONE;
  const unit = 10 ** digits;
  // 1 - 1e-9: 0.29 * 100 is 28.999999999999996
  const down = Math.floor(share * 100 * unit + 1e-9) / unit;
  const rounded = Number((share * 100).toFixed(digits));
  return `${(rounded >= 100 ? down : rounded).toFixed(digits)}${SPACE}%`;
}

/** Three significant digits: `0.0461`, `2.31`, `1.2e-5`. */
export function figure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(1);
  if (size >= 1_000) return count(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4);
}

/** `3.2 ms`, `84 ms`. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : count(value)}${SPACE}ms`;
}

/** `2.4 s`, `48 s`, `3 min 20 s`, `1 h 04 min`. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  if (seconds < 9.95) return `${seconds.toFixed(1)}${SPACE}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${SPACE}s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60)];
  if (hours === 0) return `${minutes}${SPACE}min ${whole % 60}${SPACE}s`;
  const rest = String(minutes % 60).padStart(2, '0');
  return `${hours}${SPACE}h ${rest}${SPACE}min`;
}

/** `14:03:59`, in the reader's time zone. */
export function clock(unixMs: number): string {
  const time = new Date(unixMs);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** `1 worker`, `3 workers`. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}
