// GL: the warps, wefts and their light in WebGL2, drawn when asked and never by themselves.
//
// One vertex buffer holds every warp twice, before and after the event that is being shown;
// one draw call draws them all. Everything that was handed in is kept, so that a context
// that the browser took away is filled again when it comes back. Decides nothing about
// places, colours or time.

import { type Ground, type Lab, css, mix } from "../colour.ts";
import type { Fit } from "../formats.ts";
import type { Stroke } from "./change.ts";
import { DYE_STEPS, PLIES, ROW_BYTES } from "./dye.ts";
import { depth } from "./geometry.ts";
import { KEEP_STEPS } from "./keeping.ts";
import * as shaders from "./shaders.ts";
import type { Woven } from "./woven.ts";


const FLOATS = 14; // a vertex
const WEFT_FLOATS = 11;
const WARPS_MAX = 128; // as many as `open` has in the shader

export interface Moment {
  ease: number; // 0 before the event, 1 after
  laid: number; // wefts laid so far
  left: number; // how much of what goes is gone
  mine: readonly number[];
  glow: boolean;
}

type Program = { program: WebGLProgram; at: (name: string) => WebGLUniformLocation | null };

export class Loom {
  private gl: WebGL2RenderingContext;
  private warps!: Program;
  private glow!: Program;
  private wefts!: Program;
  private blur!: Program;
  private shine!: Program;
  private warpArray!: WebGLVertexArrayObject;
  private warpBuffer!: WebGLBuffer;
  private indexBuffer!: WebGLBuffer;
  private weftArray!: WebGLVertexArrayObject;
  private weftBuffer!: WebGLBuffer;
  private dyeTexture!: WebGLTexture;
  private keepTexture!: WebGLTexture;
  private small: { texture: WebGLTexture; frame: WebGLFramebuffer }[] = [];
  private smallSize = [0, 0];
  // What was handed in, for a context that comes back.
  private woven: Woven | null = null;
  private mesh: Float32Array = new Float32Array(0);
  private rows: Uint8Array = new Uint8Array(0);
  private keep: Uint8Array = new Uint8Array(0);
  private strokes = new Float32Array(0);
  private ground: Ground;
  private fit: Fit | null = null;
  private dpr = 1;

  constructor(
    readonly canvas: HTMLCanvasElement,
    ground: Ground,
    private back: () => void, // the context came back: draw again
  ) {
    const gl = canvas.getContext("webgl2", {
      alpha: true,
      antialias: true,
      depth: true,
      premultipliedAlpha: true,
      powerPreference: "low-power",
    });
    if (!gl) throw new Error("this browser has no WebGL2");
    this.gl = gl;
    this.ground = ground;
    canvas.addEventListener("webglcontextlost", this.lost);
    canvas.addEventListener("webglcontextrestored", this.restored);
    this.build();
  }

  destroy(): void {
    this.canvas.removeEventListener("webglcontextlost", this.lost);
    this.canvas.removeEventListener("webglcontextrestored", this.restored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private lost = (event: Event): void => {
    event.preventDefault(); // it may come back
  };

  private restored = (): void => {
    this.build();
    if (this.woven) {
      this.uploadMesh();
      this.uploadRows();
      this.uploadKeep();
      this.uploadWefts();
    }
    this.back();
  };

  private build(): void {
    const { gl } = this;
    this.warps = this.program(shaders.WARP_VERTEX, shaders.WARP_FRAGMENT);
    this.glow = this.program(shaders.WARP_VERTEX, shaders.GLOW_FRAGMENT);
    this.wefts = this.program(shaders.WEFT_VERTEX, shaders.WEFT_FRAGMENT);
    this.blur = this.program(shaders.WHOLE_VERTEX, shaders.BLUR_FRAGMENT);
    this.shine = this.program(shaders.WHOLE_VERTEX, shaders.SHINE_FRAGMENT);
    this.warpArray = gl.createVertexArray()!;
    this.warpBuffer = gl.createBuffer()!;
    this.indexBuffer = gl.createBuffer()!;
    gl.bindVertexArray(this.warpArray);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indexBuffer);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.warpBuffer);
    this.attributes([4, 4, 4, 2], FLOATS);
    const corners = gl.createBuffer()!;
    this.weftArray = gl.createVertexArray()!;
    this.weftBuffer = gl.createBuffer()!;
    gl.bindVertexArray(this.weftArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.weftBuffer);
    const bytes = 4 * WEFT_FLOATS;
    [1, 2].forEach((k) => gl.vertexAttribPointer(k, 4, gl.FLOAT, false, bytes, 16 * (k - 1)));
    gl.vertexAttribPointer(3, 4, gl.UNSIGNED_BYTE, true, bytes, 32);
    gl.vertexAttribPointer(4, 2, gl.FLOAT, false, bytes, 36);
    for (const k of [1, 2, 3, 4]) {
      gl.enableVertexAttribArray(k);
      gl.vertexAttribDivisor(k, 1);
    }
    gl.bindVertexArray(null);
    this.dyeTexture = this.texture(gl.LINEAR);
    this.keepTexture = this.texture(gl.LINEAR);
    this.small = [];
    this.smallSize = [0, 0];
  }

  private attributes(sizes: number[], floats: number): void {
    let offset = 0;
    sizes.forEach((size, k) => {
      this.gl.enableVertexAttribArray(k);
      this.gl.vertexAttribPointer(k, size, this.gl.FLOAT, false, 4 * floats, 4 * offset);
      offset += size;
    });
  }

  private program(vertex: string, fragment: string): Program {
    const { gl } = this;
    const program = gl.createProgram()!;
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(`a shader was not understood: ${gl.getProgramInfoLog(program)}`);
    const known = new Map<string, WebGLUniformLocation | null>();
    const at = (name: string) => {
      if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
      return known.get(name)!;
    };
    return { program, at };
  }

  private texture(filter: number): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture()!;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }

  place(fit: Fit, dpr: number, ground: Ground): void {
    this.fit = fit;
    this.dpr = dpr;
    this.ground = ground;
    const [w, h] = [Math.round(fit.w * dpr), Math.round(fit.h * dpr)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
  }

  // Where every warp lies, before and after. `from` has as many steps and warps as `to`.
  bake(to: Woven, from: Float32Array, fromWeight: Float32Array): void {
    this.woven = to;
    const { n, steps } = to;
    const mesh = new Float32Array(n * steps * 2 * FLOATS);
    let o = 0;
    for (let i = 0; i < n; i++) {
      let far = 0;
      for (let k = 0; k < steps; k++) {
        const at = i * steps + k;
        if (k)
          far += Math.hypot(to.xy[2 * at] - to.xy[2 * at - 2], to.xy[2 * at + 1] - to.xy[2 * at - 1]);
        const u = k / (steps - 1);
        for (let side = 0; side < 2; side++) {
          o = put(mesh, o, from, at, k, steps);
          o = put(mesh, o, to.xy, at, k, steps);
          mesh[o++] = u;
          mesh[o++] = far;
          mesh[o++] = 2 * i + side;
          mesh[o++] = depth(i, u);
          mesh[o++] = fromWeight[at];
          mesh[o++] = to.weight[at];
        }
      }
    }
    this.mesh = mesh;
    this.uploadMesh();
  }

  private uploadMesh(): void {
    const { gl } = this;
    const { n, steps } = this.woven!;
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.warpBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.mesh, gl.STATIC_DRAW);
    const index = new Uint32Array(n * (steps - 1) * 6);
    let o = 0;
    for (let i = 0; i < n; i++)
      for (let k = 0; k < steps - 1; k++) {
        const a = 2 * (i * steps + k);
        for (const v of [a, a + 1, a + 2, a + 2, a + 1, a + 3]) index[o++] = v;
      }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indexBuffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
  }

  // All rows of dye, or one warp's alone.
  dye(rows: Uint8Array): void {
    this.rows = rows;
    this.uploadRows();
  }

  dyeOne(warp: number, row: Uint8Array): void {
    const { gl } = this;
    this.rows.set(row, warp * ROW_BYTES);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, warp * PLIES, DYE_STEPS, PLIES, gl.RGBA, gl.UNSIGNED_BYTE, row);
  }

  private uploadRows(): void {
    const { gl } = this;
    const high = this.rows.length / (4 * DYE_STEPS);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, DYE_STEPS, high, 0, gl.RGBA, gl.UNSIGNED_BYTE, this.rows);
  }

  // How much of each warp's own light is left, KEEP_STEPS a warp.
  kept(keep: Uint8Array): void {
    this.keep = keep;
    this.uploadKeep();
  }

  private uploadKeep(): void {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, this.keepTexture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const high = this.keep.length / KEEP_STEPS;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, KEEP_STEPS, high, 0, gl.RED, gl.UNSIGNED_BYTE, this.keep);
  }

  // Wefts, casings first: drawn one by one they would nick their neighbours.
  // `lit` are the knots that keep their light while something is lit; null: all do.
  lay(
    strokes: readonly Stroke[],
    widths: readonly [number, number, number],
    lit: ReadonlySet<number> | null,
  ): void {
    const { ground } = this;
    const [firm, light, around] = widths;
    const floats = new Float32Array(2 * strokes.length * WEFT_FLOATS);
    const bytes = new Uint8Array(floats.buffer);
    let o = 0;
    for (const casing of [true, false])
      for (const one of strokes) {
        for (const ends of [one.before, one.after])
          for (let k = 0; k < 4; k++) floats[o++] = ends[k] / 10;
        const feeling = one.after[4];
        const colour = feeling >= 0 ? mix(ground.weft, ground.dyes[feeling], 0.35) : ground.weft;
        const seen = !lit || lit.has(one.knot) ? 1 : 0.25;
        const alpha = casing ? (ground.theme === "night" ? 0.55 : 0.7) : one.firm ? 1 : 0.9;
        const rgb = rgbOf(casing ? ground.casing : colour);
        rgb.forEach((c, k) => (bytes[4 * o + k] = Math.round(c * alpha * seen)));
        bytes[4 * o + 3] = Math.round(255 * alpha * seen);
        o++;
        floats[o++] = ((one.firm ? firm : light) + (casing ? around : 0)) / 2;
        floats[o++] = one.order;
      }
    this.strokes = floats;
    this.uploadWefts();
  }

  private uploadWefts(): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.weftBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.strokes, gl.DYNAMIC_DRAW);
  }

  draw(now: Moment): void {
    const { gl, fit, woven } = this;
    if (!fit || !woven || gl.isContextLost()) return;
    const { width: w, height: h } = this.canvas;
    const night = this.ground.theme === "night";
    const shines = now.glow && night && w > 0;
    if (shines) this.drawGlow(now);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, w, h);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    if (shines) {
      gl.disable(gl.DEPTH_TEST);
      gl.useProgram(this.shine.program);
      gl.bindTexture(gl.TEXTURE_2D, this.small[0].texture);
      gl.uniform1f(this.shine.at("strength"), 0.6);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    this.drawWarps(this.warps, now, 0);
    gl.disable(gl.DEPTH_TEST);
    this.drawWefts(now);
    if (now.mine.length) {
      gl.enable(gl.DEPTH_TEST);
      this.drawMine(this.warps, now.mine);
      gl.disable(gl.DEPTH_TEST);
    }
  }

  private drawWarps(program: Program, now: Moment, spread: number): void {
    const { gl } = this;
    const woven = this.woven!;
    const { scale, x, y, w, h } = this.fit!;
    const { at } = program;
    const pixel = 1 / (scale * this.dpr);
    gl.useProgram(program.program);
    gl.uniform4f(at("fit"), (2 * scale) / w, (-2 * scale) / h, (2 * x) / w - 1, 1 - (2 * y) / h);
    gl.uniform1f(at("ease"), now.ease);
    gl.uniform1f(at("least"), 1.15 * pixel);
    gl.uniform1f(at("spread"), spread);
    gl.uniform3f(at("width"), woven.width[0], woven.width[1], woven.sheet.casing);
    gl.uniform2f(at("own"), 0, 0);
    gl.uniform1f(at("night"), this.ground.theme === "night" ? 1 : 0);
    gl.uniform1f(at("pixel"), pixel);
    gl.uniform1f(at("lay"), Math.max(woven.width[0] * 0.62, 2.1 * woven.sheet.small));
    for (const name of ["ground", "casing", "ivory"] as const)
      gl.uniform3fv(at(name), rgbOf(this.ground[name]).map((c) => c / 255));
    gl.uniform3fv(at("sheen"), rgbOf(this.ground.weft).map((c) => c / 255));
    const open = new Float32Array(WARPS_MAX);
    for (const i of woven.open) if (i < WARPS_MAX) open[i] = 1;
    gl.uniform1fv(at("open"), open);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.keepTexture);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.uniform1i(at("dye"), 0);
    gl.uniform1i(at("keep"), 1);
    gl.bindVertexArray(this.warpArray);
    gl.drawElements(gl.TRIANGLES, woven.n * (woven.steps - 1) * 6, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }

  // One's own warps again, over all others; the uniforms are those of the call before.
  private drawMine(program: Program, mine: readonly number[]): void {
    const { gl } = this;
    const { n, steps, width, sheet } = this.woven!;
    gl.useProgram(program.program);
    gl.bindVertexArray(this.warpArray);
    gl.uniform2f(program.at("own"), 1, Math.max(2.8 * sheet.small, 0.9 * width[0]));
    const each = (steps - 1) * 6;
    for (const i of mine)
      if (i < n) gl.drawElements(gl.TRIANGLES, each, gl.UNSIGNED_INT, 4 * each * i);
    gl.bindVertexArray(null);
  }

  private drawWefts(now: Moment): void {
    const { gl } = this;
    const { scale, x, y, w, h } = this.fit!;
    const { at, program } = this.wefts;
    gl.useProgram(program);
    gl.uniform4f(at("fit"), (2 * scale) / w, (-2 * scale) / h, (2 * x) / w - 1, 1 - (2 * y) / h);
    gl.uniform1f(at("ease"), now.ease);
    gl.uniform1f(at("laid"), now.laid);
    gl.uniform1f(at("left"), now.left);
    gl.uniform1f(at("pixel"), 1 / (scale * this.dpr));
    gl.bindVertexArray(this.weftArray);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.strokes.length / WEFT_FLOATS);
    gl.bindVertexArray(null);
  }

  // A quarter of the size, blurred twice: what is left is light.
  private drawGlow(now: Moment): void {
    const { gl } = this;
    const w = Math.max(1, this.canvas.width >> 2);
    const h = Math.max(1, this.canvas.height >> 2);
    if (this.smallSize[0] !== w || this.smallSize[1] !== h) {
      for (const { texture, frame } of this.small) {
        gl.deleteTexture(texture);
        gl.deleteFramebuffer(frame);
      }
      this.small = [0, 1].map(() => {
        const texture = this.texture(gl.LINEAR);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, w, h, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
        const frame = gl.createFramebuffer()!;
        gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
        gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
        return { texture, frame };
      });
      this.smallSize = [w, h];
    }
    gl.viewport(0, 0, w, h);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.small[0].frame);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.drawWarps(this.glow, now, 3 * this.woven!.sheet.small);
    if (now.mine.length) this.drawMine(this.glow, now.mine);
    gl.disable(gl.BLEND);
    gl.useProgram(this.blur.program);
    const reach = Math.max(1, this.woven!.sheet.small * 3.2 * this.fit!.scale * this.dpr * 0.5);
    for (const far of [reach * 0.5, reach])
      for (const [k, bx, by] of [
        [0, far / w, 0],
        [1, 0, far / h],
      ]) {
        gl.bindFramebuffer(gl.FRAMEBUFFER, this.small[1 - k].frame);
        gl.bindTexture(gl.TEXTURE_2D, this.small[k].texture);
        gl.uniform2f(this.blur.at("by"), bx, by);
        gl.drawArrays(gl.TRIANGLES, 0, 3);
      }
  }
}

// A place and the way across it.
function put(mesh: Float32Array, o: number, xy: Float32Array, at: number, k: number, steps: number): number {
  const a = k ? at - 1 : at;
  const b = k < steps - 1 ? at + 1 : at;
  const dx = xy[2 * b] - xy[2 * a];
  const dy = xy[2 * b + 1] - xy[2 * a + 1];
  const l = Math.hypot(dx, dy) || 1;
  mesh[o] = xy[2 * at];
  mesh[o + 1] = xy[2 * at + 1];
  mesh[o + 2] = -dy / l;
  mesh[o + 3] = dx / l;
  return o + 4;
}

function rgbOf(colour: Lab): number[] {
  return css(colour).match(/\d+/g)!.map(Number);
}
