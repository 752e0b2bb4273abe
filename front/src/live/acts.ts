// Acts: what a gathering's screens are told, and the picture that comes of folding them.
//
// The twin of `dreamweave/model/acts.py`, which says what every act is; both are held to the
// same golden file. Holds numbers only: the words beside them are `words_beside.ts`'s.

export type Act = readonly [string, ...(number | readonly number[])[]];

export interface Told {
  warp: number;
  passage: number;
  answers: number; // a report, or -1
  signs: number;
}
export interface Knot {
  passage: number;
  motif: number;
  warps: readonly number[];
  firm: number;
}
export interface Fair {
  rho: number; // thousandths
  n: number;
  k: number;
  group: number;
  r: number; // -1: nobody
  i: number;
}

export const PHASES = ["before", "telling", "closing", "reflecting", "closed"] as const;
export const TELLING = 1;
export const CLOSED = 4;

// How long each act is, its word included; one of another length is none of ours.
const LENGTHS: Record<string, number> = {
  warps: 4,
  open: 3,
  seats: 4,
  seat: 3,
  told: 6,
  held: 2,
  passage: 3,
  knot: 6,
  unknot: 2,
  carries: 3,
  woven: 3,
  gone: 2,
  floor: 4,
  hold: 2,
  rest: 2,
  door: 2,
  fair: 7,
  phase: 2,
  settled: 2,
};

export class Picture {
  n_warps = 0;
  n_passages = 0;
  open = new Set<number>();
  seats: readonly [number, number, number] = [0, 0, 0]; // here, listening, kept open
  seat = new Map<number, number>();
  told = new Map<number, Told>();
  gone = new Set<number>();
  n_held = 0;
  lanes: (readonly number[])[] = [];
  knots = new Map<number, Knot>();
  carries = new Map<number, number>();
  woven = new Map<number, Set<number>>();
  floor: readonly [number, number, readonly number[]] = [-1, 0, []]; // seat, since (ms), queue
  hold = 0;
  rest = 0;
  door = 0;
  fair: Fair | null = null;
  phase = 0;
  settled = 0;

  // One act, in place. Acts that name what was taken back change nothing, so that
  // late acts and early ones may cross.
  apply(act: Act): void {
    const [word, ...rest] = act;
    if (LENGTHS[word] !== act.length) throw new Error(`no act of ours begins with ${String(word)}`);
    const [a, b, c, d, e, f] = rest as number[];
    const list = (k: number) => rest[k] as readonly number[];
    switch (word) {
      case "warps":
        this.n_warps = a;
        this.n_passages = b;
        this.open = new Set(list(2));
        break;
      case "open":
        if (b) this.open.add(a);
        else this.open.delete(a);
        break;
      case "seats":
        this.seats = [a, b, c];
        break;
      case "seat":
        this.seat.set(a, b);
        break;
      case "told":
        if (!this.gone.has(a)) this.told.set(a, { warp: b, passage: c, answers: d, signs: e });
        break;
      case "held":
        this.n_held = a;
        break;
      case "passage":
        // A passage that a later one follows never moves again.
        if (a >= this.lanes.length - 1) this.lanes.splice(a, this.lanes.length, list(1));
        break;
      case "knot":
        this.knots.set(a, { passage: b, motif: c, warps: list(3), firm: e });
        break;
      case "unknot":
        this.knots.delete(a);
        break;
      case "carries":
        if (!this.gone.has(a)) this.carries.set(a, b);
        break;
      case "woven":
        if (!this.gone.has(a)) {
          const held = this.woven.get(a);
          if (held) held.add(b);
          else this.woven.set(a, new Set([b]));
        }
        break;
      case "gone":
        this.gone.add(a);
        this.told.delete(a);
        this.carries.delete(a);
        this.woven.delete(a);
        if (this.fair?.r === a) this.fair = null;
        break;
      case "floor":
        this.floor = [a, b, list(2)];
        break;
      case "fair":
        if (!this.gone.has(e)) this.fair = { rho: a, n: b, k: c, group: d, r: e, i: f };
        break;
      case "hold":
      case "rest":
      case "door":
      case "phase":
      case "settled":
        this[word] = a;
    }
  }

  // The fewest acts that make this picture out of an empty one, in a fixed order.
  asActs(): Act[] {
    const { fair } = this;
    return [
      ["phase", this.phase],
      ["warps", this.n_warps, this.n_passages, ascending(this.open)],
      ["seats", ...this.seats],
      ...byNumber(this.seat).map(([i, state]): Act => ["seat", i, state]),
      ...ascending(this.gone).map((r): Act => ["gone", r]),
      ...byNumber(this.told).map(
        ([r, { warp, passage, answers, signs }]): Act => ["told", r, warp, passage, answers, signs],
      ),
      ["held", this.n_held],
      ...this.lanes.map((lanes, t): Act => ["passage", t, [...lanes]]),
      ...byNumber(this.knots).map(
        ([k, { passage, motif, warps, firm }]): Act => ["knot", k, passage, motif, [...warps], firm],
      ),
      ...byNumber(this.carries).map(([r, n]): Act => ["carries", r, n]),
      ...byNumber(this.woven).flatMap(([r, held]) => ascending(held).map((i): Act => ["woven", r, i])),
      ["floor", this.floor[0], this.floor[1], [...this.floor[2]]],
      ["hold", this.hold],
      ["rest", this.rest],
      ["door", this.door],
      ...(fair ? [["fair", fair.rho, fair.n, fair.k, fair.group, fair.r, fair.i] as Act] : []),
      ["settled", this.settled],
    ];
  }
}

export function folded(acts: Iterable<Act>, picture = new Picture()): Picture {
  for (const act of acts) picture.apply(act);
  return picture;
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

export function byNumber<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort((a, b) => a[0] - b[0]);
}
