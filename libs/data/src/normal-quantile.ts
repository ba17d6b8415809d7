/**
 * The normal distribution's quantile with the same bits on every engine.
 * ECMAScript leaves `Math.log`, `Math.cos` and `**` to the engine, and V8 has
 * changed them between versions; `+ - * /` and `Math.sqrt` (the processor's
 * own, correctly rounded in V8) are fixed by IEEE 754. Only those are used.
 */

const scratch = new DataView(new ArrayBuffer(8));

const LN2 = 0.6931471805599453;

/** Odd series of `2 artanh(s)`: 2/1, 2/3 ... 2/23, lowest power first. */
const ARTANH = Array.from({ length: 12 }, (_, k) => 2 / (2 * k + 1));

/**
 * Evaluates `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule, float64.
 */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i -= 1) {
    value = value * x + (coefficients[i] ?? 0);
  }
  return value;
}

/**
 * Natural logarithm to about 2e-16 relative to `1 + |log x|`, the same bits on
 * every engine: `x = m 2^e` with `m` in [sqrt(1/2), sqrt(2)), then
 * `log x = e log 2 + 2 artanh((m - 1) / (m + 1))`. With |s| <= 0.1716 the first
 * term left out is below 2e-20.
 *
 * @param x - a normal positive float64.
 */
export function exactLog(x: number): number {
  scratch.setFloat64(0, x);
  let exponent = (scratch.getUint16(0) >>> 4) - 1023;
  scratch.setUint16(0, (scratch.getUint16(0) & 0x000f) | 0x3ff0);
  let mantissa = scratch.getFloat64(0);
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * LN2 + s * polynomial(ARTANH, s * s);
}

// Rational approximations of Wichura's PPND16: numerator, denominator.
const CENTRE = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427,
    13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
    33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077,
    21213.794301586595867, 39307.89580009271061, 28729.085735721942674,
    5226.495278852854561,
  ],
] as const;
const TAIL = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055,
    3.64784832476320460504, 1.27045825245236838258, 0.24178072517745061177,
    0.0227238449892691845833, 0.00077454501427834140764,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
    0.14810397642748007459, 0.0151986665636164571966, 0.0005475938084995344946,
    1.05075007164441684324e-9,
  ],
] as const;
const FAR_TAIL = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358,
    0.29656057182850489123, 0.026532189526576123093, 0.0012426609473880784386,
    0.0000271155556874348757815, 2.01033439929228813265e-7,
  ],
  [
    1, 0.59983220655588793769, 0.1369298809227358053, 0.0148753612908506148525,
    0.0007868691311456132591, 0.000018463183175100546818,
    1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
] as const;

type Rational = readonly [readonly number[], readonly number[]];

const ratio = ([above, below]: Rational, x: number): number =>
  polynomial(above, x) / polynomial(below, x);

/**
 * Gives the `z` below which a standard normal variable lies with probability
 * `p`, to about 1e-16 relative, the same bits on every engine. Odd about 0.5.
 * Source: Wichura, "Algorithm AS 241" (PPND16), Applied Statistics 37 (1988).
 *
 * @param p - in the open interval (0, 1), and no less than 1e-300.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-exactLog(q < 0 ? p : 1 - p));
  const z = r <= 5 ? ratio(TAIL, r - 1.6) : ratio(FAR_TAIL, r - 5);
  return q < 0 ? -z : z;
}
