import { describe, expect, it } from 'vitest';
import { TokenStore } from './token.js';

function place(hash: string, kept: Record<string, string> = {}) {
  const seen = { isForgotten: false, kept };
  const at = {
    hash,
    forgetHash: () => void (seen.isForgotten = true),
    storage: {
      getItem: (key: string) => seen.kept[key] ?? null,
      setItem: (key: string, value: string) => void (seen.kept[key] = value),
    },
  };
  return { at, seen };
}

describe('TokenStore', () => {
  it('takes the token out of the address and keeps it', () => {
    const { at, seen } = place('#token=a%2Bb');
    expect(new TokenStore(at).headers()).toEqual({
      authorization: 'Bearer a+b',
    });
    expect(seen.isForgotten).toBe(true);
    expect(new TokenStore(place('', seen.kept).at).isKnown).toBe(true);
  });

  it('sends nothing without one, and leaves other addresses alone', () => {
    const { at, seen } = place('#workers-title');
    expect(new TokenStore(at).headers()).toEqual({});
    expect(seen.isForgotten).toBe(false);
  });

  it('prefers a new one', () => {
    const { at } = place('#token=new', { 'muster-token': 'old' });
    expect(new TokenStore(at).headers()['authorization']).toBe('Bearer new');
  });
});
