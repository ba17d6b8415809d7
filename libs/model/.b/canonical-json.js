/** One text for one JSON value: keys sorted, nothing undefined, no spaces. */
import { createHash } from 'node:crypto';
/** Whether a value is an object with keys: no array, not null. */
export function isJsonObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/**
 * Gives a deep copy that holds JSON values only: what `undefined` stood for is
 * left out, as it would be in a file.
 *
 * @throws TypeError for what JSON cannot hold (a cycle, a bigint, a function)
 */
export function toJson(value) {
    const text = JSON.stringify(value);
    if (text === undefined)
        throw new TypeError('the value is not JSON');
    return JSON.parse(text);
}
function sortKeys(value) {
    if (Array.isArray(value))
        return value.map(sortKeys);
    if (!isJsonObject(value))
        return value;
    const keys = Object.keys(value).sort();
    return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key] ?? null)]));
}
/** The canonical text: equal values give equal text, whatever their key order. */
export function canonicalJson(value) {
    return JSON.stringify(sortKeys(toJson(value)));
}
/** SHA-256 of the canonical text, 64 lower-case hex digits. */
export function fingerprintOf(value) {
    return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
