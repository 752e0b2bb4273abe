// Simplifying: a line of many points as few, for a sheet of 100 by 100, in the
// letters and numbers that `model/reports.py` takes. Ramer, Douglas and Peucker.

export type Point = [number, number];

const CHARS_MAX = 8_000;
const FINE = 0.35; // how far a point may lie off its line, of a hundred

/** The points that matter: no dropped one lies farther than `far` from the line that is left. */
export function simplified(points: Point[], far: number): Point[] {
  if (points.length < 3) return points;
  const kept = new Set([0, points.length - 1]);
  const todo: [number, number][] = [[0, points.length - 1]];
  while (todo.length) {
    const [a, b] = todo.pop()!;
    let worst = 0;
    let at = 0;
    for (let k = a + 1; k < b; k++) {
      const off = offLine(points[k], points[a], points[b]);
      if (off > worst) [worst, at] = [off, k];
    }
    if (worst > far) {
      kept.add(at);
      todo.push([a, at], [at, b]);
    }
  }
  return [...kept].sort((a, b) => a - b).map((k) => points[k]);
}

function offLine([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const long = dx * dx + dy * dy;
  const t = long ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

const short = (v: number) => String(Math.round(Math.max(0, Math.min(100, v)) * 10) / 10);

/** Lines as path data: `M` and `L` and numbers. A lone point is a short stroke, so that it shows. */
export function pathOf(lines: Point[][], far = FINE): string {
  const said = lines
    .filter((line) => line.length)
    .map((line) => {
      const points = simplified(line, far);
      const [[x, y]] = points;
      const rest = points.length > 1 ? points.slice(1) : [[x < 99.5 ? x + 0.5 : x - 0.5, y] as Point];
      return `M${short(x)} ${short(y)}` + rest.map(([a, b]) => `L${short(a)} ${short(b)}`).join("");
    })
    .join("");
  return said.length <= CHARS_MAX ? said : far < 20 ? pathOf(lines, far * 1.6) : said.slice(0, lastWhole(said));
}

/** Where the last whole line ends that still fits. */
function lastWhole(said: string): number {
  const cut = said.lastIndexOf("M", CHARS_MAX);
  return cut > 0 ? cut : 0;
}

/** Path data of ours back as lines; anything else is left out. */
export function linesOf(path: string): Point[][] {
  const lines: Point[][] = [];
  for (const [, letter, numbers] of path.matchAll(/([MLQCZ])([^MLQCZ]*)/g)) {
    const n = (numbers.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
    const end: Point = [n[n.length - 2], n[n.length - 1]]; // of a curve only where it ends
    if (letter === "M" && n.length === 2) lines.push([end]);
    else if (letter !== "Z" && n.length >= 2 && lines.length) lines[lines.length - 1].push(end);
  }
  return lines;
}
