/**
 * Under which name connections of one address are counted.
 */
import { isIPv6 } from 'node:net';

/** Groups of 16 bits that one subscriber of the IPv6 internet may vary. */
const PREFIX_GROUPS = 4;

/**
 * Gives the key: an IPv4 address as it is, also where IPv6 wraps it; of an
 * IPv6 address the /64 network, as whoever has one address of it has them all
 * (RFC 6177); anything else (`unix`) as it is.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%', 1);
  return isIPv6(bare) ? `${networkOf(bare)}::/64` : address;
}

/** The first four groups of an address, written out. */
function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const numZeros = Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(numZeros).fill('0'), ...after];
  return groups.slice(0, PREFIX_GROUPS).map(withoutZeros).join(':');
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

function withoutZeros(group: string): string {
  return group.replace(/^0+(?=.)/, '');
}
