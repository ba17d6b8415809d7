const tf = require('@tensorflow/tfjs');
const now = () => {
  const c = process.cpuUsage();
  return (c.user + c.system) / 1000;
};
(async () => {
  if (process.argv[2] === 'wasm') {
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
    await tf.setBackend('wasm');
  } else require('@tensorflow/tfjs-node');
  tf.enableProdMode();
  const B = 64;
  const y = tf.randomUniform([B, 26, 26, 28]);
  const t = (n, f) => {
    let best = 1e9;
    for (let i = 0; i < 15; i++) {
      const s = now();
      tf.tidy(() => {
        const r = f();
      });
      best = Math.min(best, now() - s);
    }
    console.log(n, best.toFixed(2));
  };
  const r = y.reshape([B * 13, 2, 13, 56]);
  const ph = [];
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 2; j++)
      ph.push(tf.slice(r, [0, i, 0, j * 28], [B * 13, 1, 13, 28]));
  t('slices', () => {
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 2; j++)
        tf.slice(r, [0, i, 0, j * 28], [B * 13, 1, 13, 28]);
  });
  t('slices rows then cols', () => {
    const q = y.reshape([B * 13, 2, 26 * 28]);
    for (let i = 0; i < 2; i++) {
      const a = tf
        .slice(q, [0, i, 0], [B * 13, 1, 26 * 28])
        .reshape([B * 169, 56]);
      for (let j = 0; j < 2; j++) tf.slice(a, [0, j * 28], [B * 169, 28]);
    }
  });
  t('split cols', () => {
    tf.split(
      y.reshape([B * 13 * 26, 56].map((x) => x).length ? [B * 338, 56] : 0),
      2,
      1,
    );
  });
  t('transpose5', () =>
    tf.transpose(y.reshape([B * 13, 2, 13, 2, 28]), [1, 3, 0, 2, 4]),
  );
  t('transpose rows', () =>
    tf.transpose(y.reshape([B * 13, 2, 26 * 28]), [1, 0, 2]),
  );
  t('transpose cols', () =>
    tf.transpose(y.reshape([B * 338, 2, 28]), [1, 0, 2]),
  );
  const T = tf.transpose(y.reshape([B * 13, 2, 13, 2, 28]), [1, 3, 0, 2, 4]);
  t('slices of T', () => {
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 2; j++)
        tf.slice(T, [i, j, 0, 0, 0], [1, 1, B * 13, 13, 28]);
  });
  t('unstack T', () => tf.unstack(T.reshape([4, B * 13, 13 * 28])));
  t('max axis', () => tf.max(T.reshape([4, B * 169 * 28]), 0));
  t('concat inner', () => tf.concat([ph[0], ph[1]], 3));
  t('stack outer', () => tf.stack(ph));
  t('maximum', () => tf.maximum(ph[0], ph[1]));
  t('equal', () => tf.equal(ph[0], ph[1]));
  const m = tf.equal(ph[0], ph[1]);
  const z = tf.zerosLike(ph[0]);
  t('where', () => tf.where(m, ph[0], z));
  t('zeros', () => tf.zerosLike(ph[0]));
  t('sub', () => tf.sub(ph[0], ph[1]));
  t('cast*mul', () => tf.mul(ph[0], tf.cast(m, 'float32')));
  const p = tf.maxPool(y, 2, 2, 'valid');
  t('maxPool', () => tf.maxPool(y, 2, 2, 'valid'));
  t('maxPoolGrad', () =>
    tf
      .engine()
      .runKernel(
        'MaxPoolGrad',
        { dy: p, input: y, output: p },
        { filterSize: [2, 2], strides: [2, 2], pad: 'valid' },
      ),
  );
  t('sum3', () => tf.sum(y, [0, 1, 2]));
  t('sum2d', () => tf.sum(y.reshape([B * 676, 28]), 0));
  t('mm ones', () =>
    tf.matMul(tf.ones([1, B * 676]), y.reshape([B * 676, 28])),
  );
  t('avgpool bias', () => tf.avgPool(y, 26, 1, 'valid').sum([0, 1, 2]));
  const f = tf.randomUniform([B, 4732]),
    w = tf.randomUniform([4732, 128]),
    dh = tf.randomUniform([B, 128]);
  t('mm f w', () => tf.matMul(f, w));
  t('mm fT dh', () => tf.matMul(f, dh, true));
  t('mm dh wT', () => tf.matMul(dh, w, false, true));
  t('mm fT dh tr', () => tf.matMul(tf.transpose(f), dh));
  t('mm dh wT tr', () => tf.matMul(dh, tf.transpose(w)));
  t('mm dh wT tr2', () => tf.transpose(tf.matMul(w, tf.transpose(dh))));
  const x = tf.randomUniform([B, 28, 28, 1]);
  t('im2col', () => {
    const q = x.reshape([B, 28, 28]);
    const s = [];
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        s.push(tf.slice(q, [0, i, j], [B, 26, 26]).reshape([1, -1]));
    return tf.concat(s);
  });
  t('im2col ss', () => {
    const s = [];
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        s.push(
          tf
            .stridedSlice(x, [0, i, j, 0], [B, i + 26, j + 26, 1], [1, 1, 1, 1])
            .reshape([1, -1]),
        );
    return tf.concat(s);
  });
  t('im2col T', () => {
    const q = tf.transpose(x.reshape([B, 784]));
  });
})();
