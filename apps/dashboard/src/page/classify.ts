/**
 * Asks the run's network about an image.
 */
import type { Classification } from '../feed.js';
import type { TokenStore } from './token.js';

/** The answer, or why there is none, in words. */
export type Verdict =
  | { readonly is: 'answer'; readonly answer: Classification }
  | { readonly is: 'none'; readonly why: string };

/** What each of the server's codes means to a person. */
const WORDS: Readonly<Record<string, string>> = {
  ERR_NO_WORKERS:
    'No worker is there to answer: none has joined yet, or the run has ended.',
  ERR_CONNECTION_LOST:
    'The worker that was asked is gone. Draw on to ask another one.',
  ERR_REQUEST_TIMEOUT: 'No worker answered in time. Draw on to ask again.',
};

/**
 * `POST /api/classify`; never rejects.
 * @param image uint8 [rows · columns].
 */
export async function classify(
  image: Uint8Array,
  tokens: TokenStore,
): Promise<Verdict> {
  try {
    const response = await fetch('/api/classify', {
      method: 'POST',
      headers: {
        ...tokens.headers(),
        'content-type': 'application/octet-stream',
      },
      body: image.slice(),
    });
    if (response.ok) {
      const answer = (await response.json()) as Classification;
      return { is: 'answer', answer };
    }
    return { is: 'none', why: refusal(response.status, await response.text()) };
  } catch {
    return { is: 'none', why: 'The server is out of reach: nobody to ask.' };
  }
}

/** A refusal in words: of its code, else the server's own. */
export function refusal(status: number, body: string): string {
  const known = Object.keys(WORDS).find((code) => body.includes(code));
  if (known !== undefined) return WORDS[known] ?? '';
  if (status === 401) return 'The server does not take this token.';
  if (status === 429)
    return 'Too many questions at once. Draw on to ask again.';
  return `The server answered ${status}${body === '' ? '' : `: ${said(body)}`}`;
}

function said(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && 'message' in value) {
      return String(value.message);
    }
  } catch {
    // plain text
  }
  return body.slice(0, 200);
}
