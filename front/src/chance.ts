// Repeatable chance: the same stars and the same dye edges on every machine.
//
// No Math.random anywhere in a drawing, so that two pictures of one weave are
// the same picture.

export function chance(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const draw = chance(7);
const TABLE = Float32Array.from({ length: 512 }, draw);

// Smooth noise in 0..1 along a line; `row` picks an independent line.
export function noise(x: number, row: number): number {
  const i = Math.floor(x);
  const f = x - i;
  const u = f * f * (3 - 2 * f);
  const at = (k: number) => TABLE[(((k * 131 + row * 57) % 512) + 512) % 512];
  return at(i) * (1 - u) + at(i + 1) * u;
}
