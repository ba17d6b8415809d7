import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { startBackend } from './backend.js';
import { cpuFeatures, numericsFingerprint } from './numerics.js';
import { tensorflow } from './tensorflow.js';
describe('startBackend', () => {
    it('starts WASM on one thread', async () => {
        const info = await startBackend('wasm');
        expect(info).toMatchObject({
            name: 'wasm',
            libraryVersion: '4.22.0',
            threads: 1,
            reason: '--backend wasm was asked for',
        });
        expect(info.numerics).toMatch(/^[0-9a-f]{64}$/);
        expect(tensorflow().getBackend()).toBe('wasm');
        expect(await startBackend('wasm')).toEqual(info);
    });
    it('takes by itself the native library, or WASM with the reason', async () => {
        const info = await startBackend('auto');
        expect(tensorflow().getBackend()).toBe(info.name);
        expect(info.reason).toMatch(info.name === 'tensorflow'
            ? /^the native library is installed$/
            : /^the native library does not load: .+/);
    });
    it('computes on the backend that it started', async () => {
        for (const choice of ['wasm', 'auto']) {
            const { name } = await startBackend(choice);
            const tf = tensorflow();
            expect(tf.getBackend()).toBe(name);
            const product = tf.matMul([[1, 2]], [[3], [4]]);
            expect(product.dataSync()[0]).toBe(1 * 3 + 2 * 4);
        }
    });
});
describe('the engine', () => {
    it('is one, however TensorFlow.js is imported', () => {
        // A fresh process: this one has the loader of the test runner in it.
        const script = `
      import * as imported from '@tensorflow/tfjs';
      import { createRequire } from 'node:module';
      const required = createRequire(process.cwd() + '/x.js')('@tensorflow/tfjs');
      console.log(imported.engine() === required.engine(), imported.Tensor === required.Tensor);
    `;
        const cwd = new URL('..', import.meta.url);
        const args = ['--input-type=module', '--eval', script];
        const output = execFileSync(process.execPath, args, { cwd });
        expect(output.toString().trim()).toBe('true true');
    });
});
describe('numericsFingerprint', () => {
    const versions = { library: '1' };
    const env = { TF_NUM_INTRAOP_THREADS: '1' };
    const cpuInfo = 'model name : X\nflags\t\t: fpu sse4_2 avx avx2 fma rdrand\n';
    const reference = numericsFingerprint('tensorflow', versions, {
        env,
        cpuInfo,
    });
    it('names the features that kernels are chosen by', () => {
        expect(cpuFeatures(cpuInfo)).toEqual(['avx', 'avx2', 'fma', 'sse4_2']);
        expect(cpuFeatures('')).toEqual([]);
    });
    it('differs where bits can: threads, features, versions, backend', () => {
        const others = [
            numericsFingerprint('tensorflow', versions, {
                env: { TF_NUM_INTRAOP_THREADS: '2' },
                cpuInfo,
            }),
            numericsFingerprint('tensorflow', versions, {
                env,
                cpuInfo: cpuInfo.replace('avx2', 'avx2 avx512f'),
            }),
            numericsFingerprint('tensorflow', { library: '2' }, { env, cpuInfo }),
            numericsFingerprint('wasm', versions, { env, cpuInfo }),
            reference,
        ];
        expect(new Set(others).size).toBe(others.length);
    });
    it('is the same where they cannot', () => {
        const unrelated = { ...env, HOME: '/elsewhere' };
        const other = cpuInfo.replace('rdrand', 'rdseed').replace('X', 'Y');
        expect(numericsFingerprint('tensorflow', versions, {
            env: unrelated,
            cpuInfo: other,
        })).toBe(reference);
        // WebAssembly computes the same on every processor.
        expect(numericsFingerprint('wasm', versions, { env: {}, cpuInfo: '' })).toBe(numericsFingerprint('wasm', versions, { env, cpuInfo }));
    });
});
