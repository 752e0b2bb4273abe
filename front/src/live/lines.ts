// Lines: what is told, as text. Sentences of a report, its motifs, passages and threads,
// read out of a room; the twin of `web/pages/gathering_text.py`. It makes no elements.

import { byNumber } from "./acts.ts";
import { count } from "./counting.ts";
import type { Room } from "./room.ts";
import type { ReportBeside } from "./words_beside.ts";

export interface Motif {
  m: number;
  name: string;
  lang: string;
}
export interface Line {
  r: number;
  passage: number;
  warp: number;
  words: ReportBeside;
  motifs: Motif[];
  mine: boolean;
  n_carries: number;
}
export interface Meeting {
  k: number;
  motif: Motif;
  warps: readonly number[];
}
export interface Passage {
  t: number;
  meetings: Meeting[];
  lines: Line[];
}

/** A report in its fragments; whole while it was not cut yet. */
export function sentences({ text, cuts }: ReportBeside): string[] {
  // Cuts count characters as Python does; JavaScript counts halves of those past the first plane.
  const letters = /[\ud800-\udfff]/.test(text) ? [...text] : null;
  const part = (a: number, b: number) => (letters ? letters.slice(a, b).join("") : text.slice(a, b)).trim();
  const held = cuts.map(([a, b]) => part(a, b)).filter(Boolean);
  return held.length ? held : [text.trim()];
}

function motif(room: Room, m: number): Motif | null {
  const held = room.words.motifs.get(m);
  return held ? { m, name: held.name, lang: held.lang ?? "" } : null;
}

export function lineOf(room: Room, r: number): Line | null {
  const told = room.picture.told.get(r);
  const words = room.words.reports.get(r);
  if (!told || !words) return null;
  const motifs = new Map<number, Motif>();
  for (const knot of room.picture.knots.values()) {
    if (knot.passage !== told.passage || !knot.warps.includes(told.warp)) continue;
    const held = motif(room, knot.motif);
    if (held) motifs.set(held.m, held);
  }
  return {
    r,
    passage: told.passage,
    warp: told.warp,
    words,
    motifs: [...motifs.values()],
    mine: room.mine.has(r),
    n_carries: room.picture.carries.get(r) ?? 0,
  };
}

export function allLines(room: Room): Line[] {
  return byNumber(room.picture.told).flatMap(([r]) => lineOf(room, r) ?? []);
}

export function passages(room: Room): Passage[] {
  const out: Passage[] = room.picture.lanes.map((_, t) => ({ t, meetings: [], lines: [] }));
  for (const [k, knot] of byNumber(room.picture.knots)) {
    const held = motif(room, knot.motif);
    if (held) out[knot.passage]?.meetings.push({ k, motif: held, warps: knot.warps });
  }
  for (const line of allLines(room)) out[line.passage]?.lines.push(line);
  return out.filter((one) => one.lines.length || one.meetings.length);
}

/** The lines of the threads that meet in a knot: those told by then, the newest of each thread. */
export function linesMeeting(lines: readonly Line[], t: number, meeting: Meeting): Line[] {
  const newest = new Map<number, Line>();
  for (const line of lines) {
    if (line.passage <= t && meeting.warps.includes(line.warp)) newest.set(line.warp, line);
  }
  return [...newest.values()].sort((a, b) => a.r - b.r);
}

export interface MotifLines {
  motif: Motif;
  lines: Line[];
}

/** Every motif with the lines that meet in it, the one with most lines first. */
export function byMotif(room: Room): MotifLines[] {
  const lines = allLines(room);
  const out = new Map<number, { motif: Motif; lines: Map<number, Line> }>();
  for (const passage of passages(room)) {
    for (const meeting of passage.meetings) {
      const held = out.get(meeting.motif.m) ?? { motif: meeting.motif, lines: new Map() };
      for (const line of linesMeeting(lines, passage.t, meeting)) held.lines.set(line.r, line);
      out.set(meeting.motif.m, held);
    }
  }
  return [...out.values()]
    .map(({ motif, lines }) => ({ motif, lines: [...lines.values()].sort((a, b) => a.r - b.r) }))
    .sort((a, b) => b.lines.length - a.lines.length || a.motif.m - b.motif.m);
}

/** Every thread with what was told on it, in the order of their first words. */
export function byThread(room: Room): Line[][] {
  const out = new Map<number, Line[]>();
  for (const line of allLines(room)) {
    const held = out.get(line.warp);
    if (held) held.push(line);
    else out.set(line.warp, [line]);
  }
  return [...out.values()];
}

/** How much the three longest threads hold, and the three shortest, in hundredths of all letters. */
export function shares(lines: readonly Line[], byThread: boolean): [number, number] | null {
  const held = new Map<number, number>();
  for (const line of lines) {
    const key = byThread ? line.warp : line.r;
    const n = sentences(line.words).reduce((sum, one) => sum + one.length, 0);
    held.set(key, (held.get(key) ?? 0) + n);
  }
  const lengths = [...held.values()].sort((a, b) => a - b);
  const whole = lengths.reduce((sum, one) => sum + one, 0);
  if (lengths.length < 6 || !whole) return null;
  const part = (some: number[]) => Math.round((100 * some.reduce((sum, one) => sum + one, 0)) / whole);
  return [part(lengths.slice(-3)), part(lengths.slice(0, 3))];
}

/** The picture in words: counts and places, and nothing about anybody. */
export function described(room: Room): string {
  const parts = [count("threads", byThread(room).length)];
  const best = passages(room).flatMap(({ t, meetings }) => meetings.map((one) => ({ t, n: one.warps.length, name: one.motif.name })));
  best.sort((a, b) => b.n - a.n || b.t - a.t);
  for (const { t, n, name } of best.slice(0, 3).sort((a, b) => a.t - b.t)) parts.push(count("meet_in", n, { t: t + 1, m: name }));
  if (room.picture.open.size) parts.push(count("warps_open", room.picture.open.size));
  return parts.join(" ");
}
