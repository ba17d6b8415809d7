/**
 * The loops of the update rules. `g` is the mean gradient. Addresses and
 * lengths as in vector.ts; the order of the operations is that of each
 * rule's comment in src, so that the bits are those of the JavaScript loops.
 */

/** Bytes of one v128: four float32 elements. */
const WIDTH: usize = 16;

/** Adam: Kingma and Ba 2015, bias corrections folded into rate and epsilon. */
export function adam(
  w: usize,
  m: usize,
  v: usize,
  g: usize,
  length: i32,
  b1: f32,
  c1: f32,
  b2: f32,
  c2: f32,
  rate: f32,
  epsilon: f32,
): void {
  const b1s = f32x4.splat(b1);
  const c1s = f32x4.splat(c1);
  const b2s = f32x4.splat(b2);
  const c2s = f32x4.splat(c2);
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  const bytes = (<usize>length) << 2;
  for (let i: usize = 0; i < bytes; i += WIDTH) {
    const gi = v128.load(g + i);
    const mi = f32x4.add(f32x4.mul(b1s, v128.load(m + i)), f32x4.mul(c1s, gi));
    const vi = f32x4.add(
      f32x4.mul(b2s, v128.load(v + i)),
      f32x4.mul(c2s, f32x4.mul(gi, gi)),
    );
    v128.store(m + i, mi);
    v128.store(v + i, vi);
    const update = f32x4.div(
      f32x4.mul(rates, mi),
      f32x4.add(f32x4.sqrt(vi), epsilons),
    );
    v128.store(w + i, f32x4.sub(v128.load(w + i), update));
  }
}

/** `w = w - (rate * g)` */
export function sgd(w: usize, g: usize, length: i32, rate: f32): void {
  const rates = f32x4.splat(rate);
  const bytes = (<usize>length) << 2;
  for (let i: usize = 0; i < bytes; i += WIDTH) {
    const update = f32x4.mul(rates, v128.load(g + i));
    v128.store(w + i, f32x4.sub(v128.load(w + i), update));
  }
}

/** Polyak's momentum: `velocity = (mu * velocity) + g; w = w - (rate * velocity)` */
export function momentum(
  w: usize,
  velocity: usize,
  g: usize,
  length: i32,
  mu: f32,
  rate: f32,
): void {
  const mus = f32x4.splat(mu);
  const rates = f32x4.splat(rate);
  const bytes = (<usize>length) << 2;
  for (let i: usize = 0; i < bytes; i += WIDTH) {
    const next = f32x4.add(
      f32x4.mul(mus, v128.load(velocity + i)),
      v128.load(g + i),
    );
    v128.store(velocity + i, next);
    const update = f32x4.mul(rates, next);
    v128.store(w + i, f32x4.sub(v128.load(w + i), update));
  }
}

/** Nesterov's momentum: as above, then `w = w - (rate * (g + (mu * velocity)))` */
export function nesterov(
  w: usize,
  velocity: usize,
  g: usize,
  length: i32,
  mu: f32,
  rate: f32,
): void {
  const mus = f32x4.splat(mu);
  const rates = f32x4.splat(rate);
  const bytes = (<usize>length) << 2;
  for (let i: usize = 0; i < bytes; i += WIDTH) {
    const gi = v128.load(g + i);
    const next = f32x4.add(f32x4.mul(mus, v128.load(velocity + i)), gi);
    v128.store(velocity + i, next);
    const ahead = f32x4.add(gi, f32x4.mul(mus, next));
    const update = f32x4.mul(rates, ahead);
    v128.store(w + i, f32x4.sub(v128.load(w + i), update));
  }
}
