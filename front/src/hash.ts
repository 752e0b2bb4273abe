// SHA-256 and HMAC, by hand: a page opened from a USB stick has no `crypto.subtle`.
//
// FIPS 180-4 and RFC 2104, short and plain. For keys typed by their owner, once;
// nothing here is fast or constant-time, and nothing here needs to be.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
{
  // The constants are the fractions of the cube and square roots of the primes.
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x: number) => ((x - Math.floor(x)) * 4294967296) | 0;
  primes.forEach((p, k) => {
    K[k] = fraction(Math.cbrt(p));
    if (k < 8) START[k] = fraction(Math.sqrt(p));
  });
}

export function sha256(message: Uint8Array): Uint8Array {
  const n = message.length;
  const padded = new Uint8Array(((n + 72) >> 6) << 6);
  padded.set(message);
  padded[n] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(n / 0x20000000));
  view.setUint32(padded.length - 4, n << 3);
  const h = START.slice();
  const w = new Uint32Array(64);
  const turn = (x: number, r: number) => (x >>> r) | (x << (32 - r));
  for (let at = 0; at < padded.length; at += 64) {
    for (let k = 0; k < 64; k++) {
      if (k < 16) w[k] = view.getUint32(at + 4 * k);
      else {
        const a = w[k - 15];
        const b = w[k - 2];
        w[k] =
          w[k - 16] +
          (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) +
          w[k - 7] +
          (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
    }
    let [a, b, c, d, e, f, g, i] = h;
    for (let k = 0; k < 64; k++) {
      const t1 =
        (i + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[k] + w[k]) | 0;
      const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [i, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, i].forEach((v, k) => (h[k] += v));
  }
  const out = new Uint8Array(32);
  h.forEach((v, k) => new DataView(out.buffer).setUint32(4 * k, v));
  return out;
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const inner = sha256(joined(block.map((b) => b ^ 0x36), message));
  return sha256(joined(block.map((b) => b ^ 0x5c), inner));
}
