const tf = require('@tensorflow/tfjs');
(async () => {
  const w = require('@tensorflow/tfjs-backend-wasm');
  const path = require('path');
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  w.setWasmPaths(
    path.dirname(
      require.resolve(
        '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
      ),
    ) + '/',
  );
  tf.enableProdMode();
  const cmp = async (n, f) => {
    await tf.setBackend('cpu');
    const a = f().dataSync();
    await tf.setBackend('wasm');
    const b = f().dataSync();
    let d = 0,
      m = 0;
    a.forEach((v, i) => {
      d = Math.max(d, Math.abs(v - b[i]));
      m = Math.max(m, Math.abs(v));
    });
    console.log(n, d / m);
  };
  await tf.setBackend('cpu');
  const mk = (s, seed) =>
    tf.randomUniform(s, -1, -0.1, 'float32', seed).arraySync();
  for (const [s, k, st, p] of [
    [[2, 6, 6, 3], [2, 2], [2, 2], 'valid'],
    [[2, 7, 6, 3], [2, 2], [2, 2], 'valid'],
    [[2, 6, 7, 3], [2, 2], [2, 2], 'valid'],
    [[2, 6, 1, 3], [2, 1], [2, 1], 'valid'],
    [[2, 1, 6, 3], [1, 2], [1, 2], 'valid'],
    [[2, 6, 6, 3], [3, 3], [1, 1], 'valid'],
    [[2, 6, 6, 3], [4, 4], [4, 4], 'same'],
    [[2, 8, 5, 3], [3, 2], [2, 1], 'same'],
    [[1, 8, 5, 1], [3, 2], [2, 1], 'valid'],
  ]) {
    const x = mk(s, 1);
    await cmp('max ' + [s, k, st, p].join(' '), () =>
      tf.grad((x) => tf.maxPool(x, k, st, p).square().sum())(tf.tensor4d(x)),
    );
    await cmp('avg ' + [s, k, st, p].join(' '), () =>
      tf.grad((x) => tf.avgPool(x, k, st, p).square().sum())(tf.tensor4d(x)),
    );
  }
  const x = mk([2, 4, 3, 2], 1);
  await cmp('resize fwd', () =>
    tf.image.resizeNearestNeighbor(tf.tensor4d(x), [8, 6]),
  );
  const y = mk([2, 8, 6, 2], 2);
  await cmp('resize', () =>
    tf.grad((t) =>
      tf.image.resizeNearestNeighbor(t, [8, 6]).mul(tf.tensor4d(y)).sum(),
    )(tf.tensor4d(x)),
  );
  await cmp('resize sq', () =>
    tf.grad((t) => tf.image.resizeNearestNeighbor(t, [8, 6]).square().sum())(
      tf.tensor4d(x),
    ),
  );
})();
