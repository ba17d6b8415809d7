#!/usr/bin/env node
// Entry of set-up and of everything that needs it: `main.mjs` (set-up alone),
// `main.mjs train FLAGS` and `main.mjs test FLAGS`. Written so that a Node far
// too old can still parse it and be told so: newer syntax starts one import on.
// @ts-check
import { nodeVersionProblem } from './steps/node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem === '') {
  import('./command.mjs').then(function (command) {
    return command.main(process.argv.slice(2));
  });
} else {
  process.stderr.write('muster set-up: ' + problem + '\n');
  process.exitCode = 2;
}
