// Compiles a library's assembly/ (AssemblyScript) to WebAssembly and writes
// the module into its sources as text, so that it is there for whoever
// imports them, without reading a file.
//
//     node tools/build-assembly.mjs FOLDER-OF-THE-LIBRARY
import asc from 'assemblyscript/asc';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const library = resolve(process.argv[2] ?? '.');
const options = [
  ...['index.ts', '--baseDir', join(library, 'assembly')],
  ...['--outFile', 'kernels.wasm', '--runtime', 'stub', '--importMemory'],
  ...['--noAssert', '--enable', 'simd', '-O3', '--converge'],
];
let compiled;
const { error, stderr } = await asc.main(options, {
  writeFile: (name, contents) => {
    if (name.endsWith('.wasm')) compiled = contents;
  },
});
if (error || compiled === undefined) {
  process.stderr.write(stderr.toString());
  throw error ?? new Error('the compiler wrote no module');
}
const folder = join(library, 'src', 'generated');
await mkdir(folder, { recursive: true });
const base64 = Buffer.from(compiled).toString('base64');
await writeFile(
  join(folder, 'wasm-module.ts'),
  '// Made of assembly/ by tools/build-assembly.mjs; not for editing.\n' +
    `export const WASM_MODULE =\n  '${base64}';\n`,
);
