/** The checker of Prometheus' files, and what to say where there is none. */

/** Its program: what the PATH has, unless `PROMTOOL` says otherwise. */
export const PROMTOOL = process.env['PROMTOOL'] ?? 'promtool';

/** Why a test is skipped where it could not be started. */
export const NO_PROMTOOL = `${PROMTOOL} not found: apt-get install prometheus, or set PROMTOOL`;
