// Soft light without `filter`: three box blurs on a small copy come close to a
// gaussian, cost the same everywhere, and Safari has no canvas filter.

export function small(w: number, h: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(w));
  canvas.height = Math.max(1, Math.round(h));
  // Read back once a bake, so the browser should keep it where reading is cheap.
  return [canvas, canvas.getContext("2d", { willReadFrequently: true })!];
}

function pass(from: Float32Array, to: Float32Array, w: number, h: number, r: number): void {
  // Blurs rows and writes them as columns, so that two passes do both ways.
  const share = 1 / (2 * r + 1);
  const last = 4 * (w - 1);
  for (let y = 0; y < h; y++) {
    for (let c = 0; c < 4; c++) {
      const row = 4 * y * w + c;
      let sum = (r + 1) * from[row];
      for (let x = 4; x <= 4 * r; x += 4) sum += from[row + (x < last ? x : last)];
      let out = 4 * y + c;
      let come = 4 * (r + 1);
      let go = -4 * r;
      for (let x = 0; x < w; x++, out += 4 * h, come += 4, go += 4) {
        to[out] = sum * share;
        sum += from[row + (come < last ? come : last)] - from[row + (go > 0 ? go : 0)];
      }
    }
  }
}

// Blurs in place; `radius` is about the gaussian's sigma, in this canvas's pixels.
export function blur(canvas: HTMLCanvasElement, radius: number): void {
  const r = Math.max(1, Math.round(radius));
  const { width: w, height: h } = canvas;
  const ctx = canvas.getContext("2d")!;
  const image = ctx.getImageData(0, 0, w, h);
  const d = image.data;
  let a = new Float32Array(d.length);
  let b = new Float32Array(d.length);
  // Colours are blurred weighted by how much of them there is; otherwise the
  // black of empty pixels bleeds into every glow.
  for (let k = 0; k < d.length; k += 4) {
    const alpha = d[k + 3] / 255;
    a[k] = d[k] * alpha;
    a[k + 1] = d[k + 1] * alpha;
    a[k + 2] = d[k + 2] * alpha;
    a[k + 3] = d[k + 3];
  }
  for (let time = 0; time < 3; time++) {
    pass(a, b, w, h, r);
    pass(b, a, h, w, r);
  }
  for (let k = 0; k < d.length; k += 4) {
    const alpha = a[k + 3] / 255;
    d[k + 3] = a[k + 3];
    if (alpha > 0) for (let c = 0; c < 3; c++) d[k + c] = a[k + c] / alpha;
  }
  ctx.putImageData(image, 0, 0);
}
