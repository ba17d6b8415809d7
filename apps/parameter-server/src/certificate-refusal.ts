/**
 * Whether what a peer says of itself goes with the certificate that it has
 * shown. Pure.
 */
import type { Message } from '@muster/protocol';
import { mayBeNamed } from '@muster/transport';
import type { PeerCertificate } from '@muster/transport';

/**
 * Gives the reason to refuse a message: a worker's name that is not the
 * certificate's, or a worker's certificate where a server or a standby speaks.
 */
export function certificateRefusal(
  certificate: PeerCertificate,
  message: Message,
): string | undefined {
  switch (message.type) {
    case 'join':
    case 'subscribe':
      return mayBeNamed(certificate, message.workerId)
        ? undefined
        : wrongName(certificate, message.workerId);
    case 'shard-join':
    case 'follow':
      return certificate.isServer
        ? undefined
        : `'${certificate.names[0] ?? 'no name'}' is a worker's certificate and no server's: expected one with the usage serverAuth (--tls-cert)`;
    default:
      return undefined;
  }
}

function wrongName({ names }: PeerCertificate, workerId: string): string {
  const [name = 'no name'] = names;
  return `${workerId} shows the certificate of '${name}': expected the name ${name}, or ${name}-SUFFIX (--tls-cert)`;
}
