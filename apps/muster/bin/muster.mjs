#!/usr/bin/env node
// The `muster` command: runs what set-up built, or says that set-up comes first.
// @ts-check
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from '../setup/steps/node-version.mjs';

const built = new URL('../dist/main.js', import.meta.url);
const packages = new URL(
  '../../../node_modules/.package-lock.json',
  import.meta.url,
);
const isSetUp = [built, packages].every(function (url) {
  return existsSync(fileURLToPath(url));
});
const problem =
  nodeVersionProblem(process.versions.node) ||
  (isSetUp
    ? ''
    : 'not set up here: run `npm start` (or `npm run setup`) first');

if (problem === '') {
  import(built.href).catch(function (error) {
    const line = String(error.message).split('\n', 1)[0];
    process.stderr.write(
      'muster: cannot be started (' + line + '): run `npm run setup`\n',
    );
    process.exitCode = 1;
  });
} else {
  process.stderr.write('muster: ' + problem + '\n');
  process.exitCode = 2;
}
