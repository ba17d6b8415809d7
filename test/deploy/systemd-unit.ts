/**
 * A unit file of `deploy/systemd`, as systemd reads it: its sections, and its
 * command with the specifiers filled in.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Values of specifiers: `%S` and the like. */
export type Specifiers = Readonly<Record<string, string>>;

/** Where a unit file lies. */
export function unitPath(name: string): string {
  return fileURLToPath(
    new URL(`../../deploy/systemd/${name}`, import.meta.url),
  );
}

/** One unit file. */
export class SystemdUnit {
  readonly text: string;

  constructor(name: string) {
    this.text = readFileSync(unitPath(name), 'utf8');
  }

  /** The values of a directive, in their order. */
  values(directive: string): string[] {
    return this.text
      .split('\n')
      .filter((line) => line.startsWith(`${directive}=`))
      .map((line) => line.slice(directive.length + 1));
  }

  /** The words of its command; specifiers are filled in, none is left. */
  command(specifiers: Specifiers): string[] {
    const [line = ''] = this.values('ExecStart');
    return line.split(/\s+/).map((word) =>
      word.replaceAll(/%[A-Za-z]/g, (specifier) => {
        const value = specifiers[specifier];
        if (value === undefined) throw new Error(`what is ${specifier}?`);
        return value;
      }),
    );
  }
}

/** The variables of a file for `EnvironmentFile=`. */
export function environmentIn(name: string): Record<string, string> {
  const lines = readFileSync(unitPath(name), 'utf8').split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}
