// Packing: reads the rows of numbers that `page_pack.py` wrote; its words say how.

export function bytes(b64: string): Uint8Array {
  const text = atob(b64);
  const out = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) out[k] = text.charCodeAt(k);
  return out;
}

// `rows` rows of equal length; each was told by its differences of that order.
export function unpackRows(b64: string, rows: number, order: number): Int32Array[] {
  const raw = bytes(b64);
  const all: number[] = [];
  let at = 0; // half bytes
  // No number ends on a half byte that says more follow: that one is filling.
  const end = raw.length * 2 - (raw.length ? raw[raw.length - 1] >> 7 : 0);
  const read = () => {
    let value = 0;
    let shift = 1;
    let half: number;
    do {
      half = (raw[at >> 1] >> (at & 1 ? 4 : 0)) & 15;
      at++;
      value += (half & 7) * shift;
      shift *= 8;
    } while (half & 8);
    return value;
  };
  while (at < end) {
    const folded = read();
    if (folded === 0) {
      for (let more = read(); more >= 0; more--) all.push(0);
    } else all.push(folded & 1 ? -(folded + 1) / 2 : folded / 2);
  }
  const n = rows ? all.length / rows : 0;
  return Array.from({ length: rows }, (_, r) => {
    const row = Int32Array.from(all.slice(r * n, (r + 1) * n));
    for (let time = 0; time < order; time++) for (let k = 1; k < n; k++) row[k] += row[k - 1];
    return row;
  });
}
