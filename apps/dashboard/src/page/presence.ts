/**
 * The time line: when each worker and server was there, and when it was not.
 */
import type { Incident } from '../feed.js';

/** A stretch of time of one process. Unix time in milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly kind: 'present' | 'absent';
  /** How long the recovery took that ended it; null where none did. */
  readonly seconds: number | null;
}

/** One line of the time line. */
export interface Lane {
  /** `worker-1`. */
  readonly subject: string;
  readonly stretches: readonly Stretch[];
  /** What happened to it at one moment. */
  readonly marks: readonly Incident[];
}

/** What begins and ends presence; the rest are marks. */
const COMES = new Set(['worker-joined', 'worker-back', 'server-back']);
const GOES = new Set(['worker-lost', 'server-lost', 'worker-left']);

/**
 * Puts incidents in lanes, by subject.
 * @param start when the run began, @param now where it stands.
 */
export function lanes(
  incidents: readonly Incident[],
  start: number,
  now: number,
): Lane[] {
  const bySubject = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const own = bySubject.get(incident.subject);
    if (own) own.push(incident);
    else bySubject.set(incident.subject, [incident]);
  }
  return [...bySubject]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([subject, own]) => ({
      subject,
      stretches: stretches(subject, own, start, now),
      marks: own.filter(({ kind }) => !COMES.has(kind) && !GOES.has(kind)),
    }));
}

function stretches(
  subject: string,
  own: readonly Incident[],
  start: number,
  now: number,
): Stretch[] {
  const found: Stretch[] = [];
  // nobody is told that a server came for the first time: it was there
  let kind: Stretch['kind'] | null = subject.startsWith('server')
    ? 'present'
    : null;
  let from = start;
  const end = (to: number, seconds: number | null = null) => {
    if (kind !== null && to > from) found.push({ from, to, kind, seconds });
    from = to;
  };
  for (const { kind: what, at, seconds } of own) {
    if (!COMES.has(what) && !GOES.has(what)) continue;
    end(at, COMES.has(what) ? seconds : null);
    kind = COMES.has(what)
      ? 'present'
      : what === 'worker-left'
        ? null
        : 'absent';
  }
  end(Math.max(now, from));
  return found;
}
