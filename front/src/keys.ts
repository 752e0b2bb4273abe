// Keys: the page's twin of `model/keys.py`. Opens the one box that a key fits.
//
// Only opening: this page can neither make a key nor seal a box.

import { hmac, joined } from "./hash.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KEY_BYTES = 10;
const NONCE_BYTES = 16;
const MARK_BYTES = 32;

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const HIDE = ascii("dreamweave/box/1/hide\0");
const SHOW = ascii("dreamweave/box/1/show\0");

// The ten bytes that a key spells, or null when it is no key. Reads it as it
// may have been heard: O is nought, I and L are one, spaces and dashes are air.
export function keyBytes(typed: string): Uint8Array | null {
  const letters = typed
    .trim()
    .toUpperCase()
    .replace(/[-\u2010-\u2015\s]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  if (letters.length !== 16) return null;
  const out = new Uint8Array(KEY_BYTES);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (held >> bits) & 255;
      held &= (1 << bits) - 1;
    }
  }
  return out;
}

function counted(n: number): Uint8Array {
  return Uint8Array.of((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}

export function unseal(key: Uint8Array, box: string): Uint8Array | null {
  const whole = fromBase64(box);
  if (!whole || whole.length < NONCE_BYTES + MARK_BYTES + 4) return null;
  const nonce = whole.subarray(0, NONCE_BYTES);
  const mark = whole.subarray(NONCE_BYTES, NONCE_BYTES + MARK_BYTES);
  const hidden = whole.subarray(NONCE_BYTES + MARK_BYTES);
  const ours = hmac(key, joined(SHOW, nonce, hidden));
  if (ours.some((b, k) => b !== mark[k])) return null;
  const inside = new Uint8Array(hidden.length);
  for (let at = 0, i = 0; at < hidden.length; at += 32, i++) {
    const stream = hmac(key, joined(HIDE, nonce, counted(i)));
    for (let k = 0; k < 32 && at + k < hidden.length; k++) inside[at + k] = hidden[at + k] ^ stream[k];
  }
  const n = new DataView(inside.buffer).getUint32(0);
  return inside.slice(4, 4 + n);
}

export interface Mine {
  threads: number[];
  account: [number, number, number][]; // line, or -1 minus chorus line; units; level
}

export function open(key: Uint8Array, boxes: readonly string[]): Mine | null {
  for (const box of boxes) {
    const inside = unseal(key, box);
    if (inside) return JSON.parse(new TextDecoder().decode(inside)) as Mine;
  }
  return null;
}
