// Ctrl-C and SIGTERM while set-up runs: end the programs it started, say so,
// and exit with the signal's code.
// @ts-check
import { constants } from 'node:os';
import { endPrograms } from './child-process.mjs';

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Handles the signals until the returned function is called; after that they
 * are the next one's (the trained command has its own handlers).
 *
 * @param {(signal: NodeJS.Signals) => void} announce called once
 * @returns {() => void}
 */
export function handleInterruption(announce) {
  let isStopping = false;
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    if (isStopping) return;
    isStopping = true;
    announce(signal);
    void endPrograms(signal).then(() => {
      process.exit(128 + constants.signals[signal]);
    });
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
}
