// The scene, unpacked: what layout decided, as typed arrays.
//
// Reads the JSON that the page carries. It decides nothing about places or
// depth; those were laid out once, for every drawing.

export type FormatName = "wide" | "phone";

export interface KnotMark {
  p: number;
  m: number;
  s: number[];
  firm: boolean;
  k: number[];
  u: number;
  h: number;
}
export interface Label {
  text: string;
  lang: string;
  motif: number;
  knot: number;
  size: number;
  path?: [number, number][];
  x?: number;
  y?: number;
}
export interface SeatMark {
  x: number;
  y: number;
  angle: number;
  state: "voice" | "listening" | "open";
  strand: number | null;
  name: string | null;
  mark: number | null;
}
type Both<T> = Record<FormatName, T>;

interface Raw {
  n: number;
  T: number;
  S: number;
  mode: "threads" | "strands";
  strand_of: number[];
  strand_size: number[];
  open: number[];
  xy: Both<string>;
  z: string;
  dye: string;
  shade?: string | number[];
  width: Both<[number, number]>;
  weight: number[];
  passage_u: number[];
  knots: KnotMark[];
  wefts: Both<number[][]>;
  labels: Both<Label[]>;
  seats: Both<SeatMark[]>;
  ring: number[][];
  band: Both<[number, number][]>;
  opening: Both<{ x: number; y: number; w: number; h: number }>;
}
export interface Scene extends Omit<Raw, "xy" | "z" | "dye" | "open" | "shade"> {
  xy: Both<Int16Array>;
  z: Uint8Array;
  dye: Uint8Array;
  open: Set<number>;
  shade: Float32Array; // how light each strand's own linen is, 0..1
  dyed: boolean;
}

function bytes(b64: string): Uint8Array {
  const text = atob(b64);
  const out = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) out[k] = text.charCodeAt(k);
  return out;
}

function shorts(b64: string): Int16Array {
  const raw = bytes(b64);
  const view = new DataView(raw.buffer);
  return Int16Array.from({ length: raw.length / 2 }, (_, k) => view.getInt16(2 * k, true));
}

// Natural linen is never one colour. Where layout says nothing of it, neighbours
// differ by the golden ratio, which no run of strands can make look striped.
function linens(raw: Raw): Float32Array {
  if (Array.isArray(raw.shade)) {
    const most = Math.max(...raw.shade, 1);
    return Float32Array.from(raw.shade, (v) => v / most);
  }
  if (typeof raw.shade === "string") {
    const given = bytes(raw.shade);
    if (given.length === raw.n) return Float32Array.from(given, (v) => v / 255);
  }
  return Float32Array.from({ length: raw.n }, (_, i) => (i * 0.61803398875) % 1);
}

export function unpack(json: string): Scene {
  const raw = JSON.parse(json) as Raw;
  const dye = bytes(raw.dye);
  let dyed = false;
  for (let k = 0; k < dye.length; k += 4) if (dye[k] < 8 && dye[k + 3] > 0) dyed = true;
  return {
    ...raw,
    xy: { wide: shorts(raw.xy.wide), phone: shorts(raw.xy.phone) },
    z: bytes(raw.z),
    dye,
    open: new Set(raw.open),
    shade: linens(raw),
    dyed,
  };
}
