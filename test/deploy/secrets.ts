/**
 * The files that a person makes before the first `kubectl apply -k`.
 */

/** As `node -p "crypto.randomBytes(32).toString('base64url')"` makes one. */
export const TOKEN = 'Zm9yLXRlc3RzLW9ubHktbm90LWEtc2VjcmV0LTEyMzQ';

/** A stand-in for the files of `muster certs`: only their place counts. */
const CERTIFICATES = ['server', 'worker'].flatMap((name) =>
  ['ca.crt', 'tls.crt', 'tls.key'].map((file) => [
    `components/tls/secrets/${name}/${file}`,
    `${file} of ${name}\n`,
  ]),
);

/** By path below `deploy/kubernetes`. */
export const SECRETS: Readonly<Record<string, string>> = {
  'base/secrets/token': `${TOKEN}\n`,
  ...(Object.fromEntries(CERTIFICATES) as Record<string, string>),
};
