// The scene, unpacked: what layout decided, as typed arrays.
//
// Reads the JSON that the page carries; `dreamscape/scene.py` says what every
// part of it is. It decides nothing about places or depth: those were laid out
// once, for every drawing.

import { unpackRows } from "./packing.ts";

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
  straight?: boolean;
  angle?: number; // degrees
  x?: number;
  y?: number;
}
export interface SeatMark {
  x: number;
  y: number;
  angle: number; // degrees
  state: "voice" | "listening" | "open";
  strand: number | null;
  thread: number | null;
  name: string | null;
  mark: number | null;
  label: [number, number] | null;
}
export type Weft = [x0: number, y0: number, x1: number, y1: number, feeling: number, knot: number];
type Both<T> = Record<FormatName, T>;

interface Kept {
  n: number;
  T: number;
  S: number;
  mode: "threads" | "strands";
  strand_of: number[];
  strand_size: number[];
  shade: number[];
  width: Both<[number, number]>;
  casing: Both<number>;
  weft: Both<[number, number, number]>;
  weight: number[];
  passage_u: number[];
  knots: KnotMark[];
  labels: Both<Label[]>;
  seats: Both<SeatMark[]>;
  seat_radius: number;
  opening: Both<{ x: number; y: number; w: number; h: number }>;
}
interface Packed extends Kept {
  open: number[];
  offset?: number[];
  xy: Both<string>;
  z: string;
  dye: [string, string, string, string];
  light?: string;
  wefts: Both<string>;
  ring: string;
  band: Both<string>;
}
export interface Scene extends Kept {
  open: Set<number>;
  offset: number[];
  xy: Both<Int32Array[]>; // x of strand i at 2i, y at 2i + 1; tenths
  z: Int32Array[];
  dye: Int32Array[][]; // by channel, then strand
  light: Int32Array[] | null;
  wefts: Both<Weft[]>;
  ring: [number, number, number][];
  band: Both<[number, number][]>;
  dyed: boolean;
}

const UNDYED = 255;

function table<T extends number[]>(b64: string, width: number): T[] {
  const columns = unpackRows(b64, width, 1);
  return Array.from(columns[0], (_, k) => columns.map((c) => c[k]) as T);
}

export function unpack(json: string): Scene {
  const raw = JSON.parse(json) as Packed;
  const both = <A, B>(given: Both<A>, read: (a: A) => B): Both<B> => ({
    wide: read(given.wide),
    phone: read(given.phone),
  });
  const dye = raw.dye.map((channel) => unpackRows(channel, raw.n, 1));
  const dyed = dye[0].some((row, i) => row.some((f, k) => f !== UNDYED && dye[3][i][k] > 0));
  return {
    ...raw,
    open: new Set(raw.open),
    offset: raw.offset ?? [],
    xy: both(raw.xy, (text) => unpackRows(text, 2 * raw.n, 2)),
    z: unpackRows(raw.z, raw.n, 1),
    dye,
    light: raw.light ? unpackRows(raw.light, raw.n, 1) : null,
    wefts: both(raw.wefts, (text) =>
      table<Weft>(text, 6).map(([x, y, dx, dy, f, k]) => [x, y, x + dx, y + dy, f, k]),
    ),
    ring: table(raw.ring, 3),
    band: both(raw.band, (text) => table<[number, number]>(text, 2)),
    dyed,
  };
}
