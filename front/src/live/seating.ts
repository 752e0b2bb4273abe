// Seating: who is here, along the outer edge of the crescent; past a thousand, a ring.
//
// Up to sixty seats are told apart, in the order people came, and those who left leave no
// gap; beyond, seats are counts. Kept seats stand among the others and not at the end.

import { chance } from "../chance.ts";
import type { SeatMark } from "../scene.ts";
import { byNumber, type Picture } from "./acts.ts";
import { SHEETS, along, point, thick } from "./geometry.ts";
import type { Words } from "./words_beside.ts";

type State = SeatMark["state"];
interface Sitting {
  at: number; // along the row, 0..1
  state: State;
  seat: number | null;
}

const SEATS_MAX = 1_000;
const NAMED_MAX = 60;
const RING_MAX = 9_000;
const [FROM, TO] = [0.085, 0.915];
const [LISTENING, GONE] = [1, 2];
const [RING_UNSAID, RING_OPEN, RING_LISTENING] = [-1, -2, -3];

// The seats' line, a little outside the glow.
export function edge(u: number): number {
  return (SHEETS.wide.half + 30) * (0.35 + 0.65 * thick(u));
}

function evenly(n: number, state: State): Sitting[] {
  return Array.from({ length: n }, (_, k) => ({ at: (2 * k + 1) / (2 * n), state, seat: null }));
}

function row(picture: Picture): Sitting[] {
  const [here, listening, open] = picture.seats;
  const known = byNumber(picture.seat).filter(([, state]) => state !== GONE);
  const came =
    here <= NAMED_MAX && known.length
      ? evenly(known.length, "voice").map((one, k): Sitting => {
          const [seat, state] = known[k];
          return { ...one, seat, state: state === LISTENING ? "listening" : "voice" };
        })
      : [...evenly(Math.max(0, here - listening), "voice"), ...evenly(listening, "listening")];
  return [...came, ...evenly(open, "open")].sort((a, b) => a.at - b.at);
}

export function seatRadius(n: number): number {
  return Math.min(n <= 5 ? 9 : 4.6, Math.max(0.9, (1_900 / Math.max(1, n)) * 0.3));
}

export function seatsOf(picture: Picture, words: Words): SeatMark[] {
  const sitting = row(picture);
  const n = sitting.length;
  if (!n || n > SEATS_MAX) return [];
  const sheet = SHEETS.wide;
  return sitting.map(({ state, seat }, k) => {
    // A few people sit round the middle and not at the horns.
    const u = n === 1 ? 0.5 : n <= 5 ? 0.5 + 0.2 * (k - (n - 1) / 2) : FROM + ((TO - FROM) * k) / (n - 1);
    const [x, y] = point(sheet, u, edge(u));
    const name = seat === null ? null : (words.seats.get(seat) ?? null);
    return {
      x,
      y,
      angle: (along(sheet, u, edge(u)).turn * 180) / Math.PI,
      state,
      strand: null,
      thread: seat,
      name,
      mark: name === null ? null : strongest(words, name),
      // A ring says by itself that it listens or is kept; only names are written.
      label: name !== null && n <= NAMED_MAX ? point(sheet, u, edge(u) + 21) : null,
    };
  });
}

// The strongest feeling somebody told under the name their seat carries. Where names are
// off nothing ties a report to a seat, and a seat says only that somebody is here.
function strongest(words: Words, name: string): number | null {
  let best: readonly [number, number] = [-1, 0];
  for (const one of words.reports.values()) {
    if (one.name !== name) continue;
    const felt = words.feeling(one.r);
    if (felt[0] >= 0 && felt[1] >= best[1]) best = felt;
  }
  return best[0] < 0 ? null : best[0];
}

// Past a thousand people: at most 9,000 points, an even sample, so that shares stay true.
// The feelings are those of what was told, which no point ties to anybody.
export function ringOf(picture: Picture, words: Words): [number, number, number][] {
  const [here, listening, open] = picture.seats;
  const people = here + open;
  if (people <= SEATS_MAX) return [];
  const n = Math.min(people, RING_MAX);
  const speaking = Math.max(0, here - listening);
  const felt = byNumber(words.reports).map(([r]) => words.feeling(r)[0]);
  const next = chance(23);
  const rows = Math.min(9, Math.max(3, Math.floor(n / 700)));
  return Array.from({ length: n }, (_, k) => {
    const u = 0.06 + (0.88 * (k + 0.5)) / n;
    const out = 18 + Math.floor(next() * rows) * 5.2 + next() * 3;
    const [x, y] = point(SHEETS.wide, u, (SHEETS.wide.half + out) * (0.35 + 0.65 * thick(u)));
    const who = Math.floor(next() * people);
    const what =
      who < speaking ? (felt[who] ?? RING_UNSAID) : who < here ? RING_LISTENING : RING_OPEN;
    return [Math.round(10 * x), Math.round(10 * y), what];
  });
}
