/** The body of a refusal: short, or cut. */
import type { IncomingMessage } from 'node:http';

/** No more of a refusal's body is read. */
const MAX_BODY_CHARACTERS = 4096;

/** The start of a body; what breaks off counts as read. */
export async function readBody(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of response) {
      body += String(chunk);
      if (body.length > MAX_BODY_CHARACTERS) break;
    }
  } catch {
    // The status is known: the error that it means is the one to report.
  }
  return body.slice(0, MAX_BODY_CHARACTERS);
}
