// Seats along the outer edge: who spoke, who listened, whose place is kept.
//
// Eight marks for eight feelings, so that no seat depends on its colour. Names
// appear only where the scene carries them.

import { type Ground, css } from "./colour.ts";
import type { Format } from "./formats.ts";
import type { Scene, SeatMark } from "./scene.ts";
import { SANS, haloed } from "./words.ts";

// What a point of the ring is when it is no feeling (`dreamscape/seats.py`).
const OPEN = -2;
const LISTENING = -3;
const NAME_LETTERS_MAX = 18;

export function drawMark(
  ctx: CanvasRenderingContext2D,
  feeling: number,
  x: number,
  y: number,
  r: number,
  colour: string,
): void {
  ctx.fillStyle = colour;
  ctx.strokeStyle = colour;
  ctx.lineWidth = r * 0.36;
  ctx.lineJoin = "miter";
  const star = (points: number, inner: number) => {
    ctx.beginPath();
    for (let k = 0; k < 2 * points; k++) {
      const a = (Math.PI * k) / points - Math.PI / 2;
      const q = k % 2 ? r * inner : r * 1.25;
      if (k) ctx.lineTo(x + q * Math.cos(a), y + q * Math.sin(a));
      else ctx.moveTo(x + q * Math.cos(a), y + q * Math.sin(a));
    }
    ctx.closePath();
    ctx.fill();
  };
  ctx.beginPath();
  switch (feeling) {
    case 0:
      star(8, 0.62);
      break;
    case 2:
      star(4, 0.42);
      break;
    case 3:
      ctx.fillRect(x - r * 1.2, y - r * 0.42, r * 2.4, r * 0.84);
      break;
    case 4:
      ctx.arc(x, y, r * 0.9, -0.9, 4.4);
      ctx.stroke();
      break;
    case 5:
      ctx.moveTo(x, y - r * 1.3);
      ctx.bezierCurveTo(x + r * 0.5, y - r * 0.4, x + r, y, x + r * 0.8, y + r * 0.5);
      ctx.arc(x, y + r * 0.42, r * 0.82, 0, Math.PI);
      ctx.bezierCurveTo(x - r, y, x - r * 0.5, y - r * 0.4, x, y - r * 1.3);
      ctx.fill();
      break;
    case 6:
      ctx.moveTo(x, y - r * 1.15);
      ctx.lineTo(x + r, y);
      ctx.lineTo(x, y + r * 1.15);
      ctx.lineTo(x - r, y);
      ctx.closePath();
      ctx.stroke();
      break;
    case 7:
      ctx.moveTo(x, y - r * 1.1);
      ctx.lineTo(x + r * 1.1, y + r * 0.85);
      ctx.lineTo(x - r * 1.1, y + r * 0.85);
      ctx.closePath();
      ctx.fill();
      break;
    default: // tenderness, and a voice that named no feeling
      ctx.arc(x, y, r, 0, 7);
      ctx.fill();
  }
}

export function drawSeats(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  format: Format,
  ground: Ground,
  lit: Set<number> | null,
  min: number,
): void {
  const seats = scene.seats[format.name];
  const few = seats.length <= 5;
  for (const seat of seats) {
    const on = !lit || (seat.strand !== null && lit.has(seat.strand));
    ctx.globalAlpha = on ? 1 : 0.3;
    const r = scene.seat_radius;
    const colour =
      seat.mark !== null ? css(ground.dyes[seat.mark]) : ground.theme === "night" ? "#b9b4a6" : "#86755f";
    if (seat.state === "voice") drawMark(ctx, seat.mark ?? 1, seat.x, seat.y, r, colour);
    else {
      ctx.strokeStyle = seat.state === "open" ? ground.ink : ground.quiet;
      ctx.lineWidth = Math.min(1.3, r * 0.3);
      if (seat.state === "open") ctx.setLineDash([r * 0.48, r * 0.56]);
      ctx.beginPath();
      ctx.arc(seat.x, seat.y, r + 0.2, 0, 7);
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }
  ctx.globalAlpha = 1;
  // Names of people first: where a small screen has no room for every word, a
  // seat's ring says by itself that it listened or is kept.
  const taken: Taken[] = [];
  const voices = seats.filter((s) => s.state === "voice");
  for (const seat of [...voices, ...seats.filter((s) => s.state !== "voice")]) {
    if (!seat.label) continue;
    const on = !lit || (seat.strand !== null && lit.has(seat.strand));
    ctx.globalAlpha = on ? 1 : 0.3;
    name(ctx, seat, ground, few ? 18 : seat.state === "voice" ? 12.5 : 11, min, taken);
  }
  ctx.globalAlpha = 1;
}

interface Taken {
  x: number;
  y: number;
  half: number;
}

// A name that would lie across its neighbours' seats is drawn short; the text has it whole.
function short(text: string): string {
  const letters = [...text];
  return letters.length <= NAME_LETTERS_MAX
    ? text
    : `${letters.slice(0, NAME_LETTERS_MAX - 1).join("").trimEnd()}…`;
}

function name(
  ctx: CanvasRenderingContext2D,
  seat: SeatMark,
  ground: Ground,
  size: number,
  min: number,
  taken: Taken[],
): void {
  const text =
    seat.state === "open"
      ? "kept open"
      : seat.state === "listening"
        ? "listening"
        : short(seat.name ?? "");
  if (!text) return;
  ctx.font = `${size > 14 ? 600 : 400} ${Math.max(size, min)}px ${SANS}`;
  const half = ctx.measureText(text).width / 2;
  const turn = (seat.angle * Math.PI) / 180;
  const high = Math.max(size, min);
  // Larger names stand a little further out, clear of their larger marks; so does a
  // name that would touch its neighbour's. What still would is left out.
  const first = size > 14 ? 0.4 : 0;
  const far = Math.hypot(seat.label![0] - seat.x, seat.label![1] - seat.y) || 1;
  for (const out of [0, 1.2, 2.4].map((steps) => first + (steps * high) / far)) {
    const x = seat.label![0] + (seat.label![0] - seat.x) * out;
    const y = seat.label![1] + (seat.label![1] - seat.y) * out;
    const touches = taken.some((t) => {
      const [dx, dy] = [x - t.x, y - t.y];
      const along = Math.abs(dx * Math.cos(turn) + dy * Math.sin(turn));
      const across = Math.abs(dy * Math.cos(turn) - dx * Math.sin(turn));
      return along < half + t.half + 4 && across < 1.05 * high;
    });
    if (touches) continue;
    taken.push({ x, y, half });
    write(ctx, text, x, y, turn, ground, seat);
    return;
  }
}

function write(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  turn: number,
  ground: Ground,
  seat: SeatMark,
): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(turn);
  ctx.textAlign = "center";
  haloed(ctx, text, 0, 0, ground, seat.state === "listening" ? ground.quiet : ground.ink, 2.5);
  ctx.restore();
}

// Past a thousand people the seats become one ring of points.
export function drawRing(ctx: CanvasRenderingContext2D, scene: Scene, ground: Ground): void {
  if (!scene.ring.length) return;
  const night = ground.theme === "night";
  const groups = new Map<number, [number, number][]>();
  for (const [x, y, feeling] of scene.ring) {
    const at: [number, number] = [x / 10, y / 10];
    const group = groups.get(feeling);
    if (group) group.push(at);
    else groups.set(feeling, [at]);
  }
  for (const [feeling, points] of groups) {
    if (feeling <= LISTENING || feeling === OPEN) {
      // Hollow: here without speaking, or kept for somebody.
      ctx.strokeStyle = feeling === OPEN ? ground.ink : ground.quiet;
      ctx.globalAlpha = feeling === OPEN ? 0.7 : 0.5;
      ctx.lineWidth = 0.5;
      ctx.beginPath();
      for (const [x, y] of points) {
        ctx.moveTo(x + 1.1, y);
        ctx.arc(x, y, 1.1, 0, 7);
      }
      ctx.stroke();
      ctx.globalAlpha = 1;
      continue;
    }
    ctx.fillStyle =
      feeling >= 0 && feeling < 8
        ? css(ground.dyes[feeling], 0.9)
        : night
          ? "rgba(190,186,205,.55)"
          : "rgba(120,105,85,.5)";
    ctx.beginPath();
    for (const [x, y] of points) {
      ctx.moveTo(x + 1.1, y);
      ctx.arc(x, y, 1.1, 0, 7);
    }
    ctx.fill();
  }
}
