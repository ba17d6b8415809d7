/**
 * The flags of `muster certs`.
 */

/** The flags of the command, as commander takes them. */
export const CERTS_FLAGS = [
  {
    flags: '-H, --host-list <LIST>',
    help: 'Hosts with a comma between, as muster launch takes them',
  },
  { flags: '--hosts <FILE>', help: 'YAML file of the hosts' },
  {
    flags: '--server-host <LIST>',
    help: 'Hosts where servers run (default: the first of the list)',
  },
  {
    flags: '--days <N>',
    help: 'Days that certificates are valid (default: 365)',
  },
  {
    flags: '--out <DIR>',
    help: 'Folder that gets one folder a machine (default: certs)',
  },
  { flags: '--force', help: 'Makes certificates anew that are there already' },
] as const;

/** What commander makes of them. */
export interface CertsFlags {
  readonly hostList?: string;
  readonly hosts?: string;
  readonly serverHost?: string;
  readonly days?: string;
  readonly out?: string;
  readonly force?: boolean;
}
