const now = () => {
  const c = process.cpuUsage();
  return (c.user + c.system) / 1000;
};
import {
  startBackend,
  describeModel,
  notebookTopology,
  initialParameters,
  Replica,
} from './index.js';
import { createHash } from 'node:crypto';
const fake = (...key: number[]) => {
  let s = key.reduce((a, k) => Math.imul(a ^ k, 0x9e3779b1) >>> 0, 12345);
  const n = () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const f = () => (n() >>> 8) / 2 ** 24;
  return {
    fillFloats: (a: Float32Array) => {
      for (let i = 0; i < a.length; i++) a[i] = f();
    },
    nextTruncatedNormal: f,
    nextUint32: n,
    nextFloat: () => (n() >>> 8) / 2 ** 24,
    nextNormal: () => {
      let a = 0;
      for (let i = 0; i < 12; i++) a += (n() >>> 8) / 2 ** 24;
      return a - 6;
    },
  };
};
let t0 = now();
const d = describeModel(
  notebookTopology({ rows: 28, columns: 28, channels: 1, numClasses: 10 }),
);
console.log(
  'describe ms',
  (now() - t0).toFixed(0),
  d.fingerprint.slice(0, 12),
  d.numParameters,
);
t0 = now();
const p = initialParameters(d, fake as any, 1);
console.log('init ms', (now() - t0).toFixed(0));
t0 = now();
const b = await startBackend(process.argv[2] as any);
console.log(b, (now() - t0).toFixed(0), 'ms');
const r = new Replica(d);
const B = Number(process.argv[3] ?? 64);
const images = Uint8Array.from(
    { length: B * 784 },
    (_, i) => ((Math.imul(i, 2654435761) >>> 24) % 256) * (i % 3 === 0 ? 0 : 1),
  ),
  labels = Uint8Array.from({ length: B }, (_, i) => i % 10);
const into = new Float32Array(d.numParameters);
const run = (v?: number) =>
  r.gradient({
    parameters: p,
    version: v,
    images,
    labels,
    count: B,
    random: fake(1, 2, 3) as any,
    into,
  });
console.log(
  run(0),
  createHash('sha256').update(into).digest('hex').slice(0, 12),
);
const times = [];
for (let i = 0; i < 30; i++) {
  const s = now();
  run(i + 1);
  times.push(now() - s);
}
times.sort((a, b) => a - b);
console.log(
  'ms min/median',
  times[0].toFixed(2),
  times[15].toFixed(2),
  'img/s',
  ((B * 1000) / times[15]).toFixed(0),
  createHash('sha256').update(into).digest('hex').slice(0, 12),
);
const E = 2000,
  ei = Uint8Array.from({ length: E * 784 }, (_, i) => i % 251),
  el = new Uint8Array(E);
t0 = now();
console.log(
  r.evaluate({ parameters: p, images: ei, labels: el, count: E }),
  ((E * 1000) / (now() - t0)).toFixed(0),
  'eval img/s',
);
import { tensorflow } from './tensorflow.js';
if (process.env.PROF) {
  const tf = tensorflow();
  const en: any = tf.engine();
  const acc = new Map<string, { t: number; n: number; self: number }>();
  const stack: number[] = [];
  for (const { kernelName } of tf.getKernelsForBackend(b.name)) {
    const k = tf.getKernel(kernelName, b.name);
    const f = k.kernelFunc;
    (k as any).kernelFunc = (a: any) => {
      const s = now();
      stack.push(0);
      const o = f(a);
      const e = now() - s;
      const inner = stack.pop()!;
      if (stack.length) stack[stack.length - 1] += e;
      const sh = Object.values(a.inputs as any)
        .map((i: any) => (i?.shape ?? 'L') + '')
        .join(' ; ');
      const key = kernelName + ' ' + sh;
      const q = acc.get(key) ?? { t: 0, n: 0, self: 0 };
      q.t += e;
      q.self += e - inner;
      q.n++;
      acc.set(key, q);
      return o;
    };
  }
  acc.clear();
  const R = 10;
  let s0 = now();
  for (let i = 0; i < R; i++) run(1000 + i);
  console.log('total', (now() - s0) / R);
  for (const [k, v] of [...acc]
    .sort((a, b) => b[1].self - a[1].self)
    .slice(0, 28))
    console.log((v.self / R).toFixed(2), v.n / R, k);
  console.log('kernels', [...acc.values()].reduce((a, v) => a + v.self, 0) / R);
}
