// GL: the warps, wefts and their light in WebGL2, drawn when asked and never by themselves.
//
// One vertex buffer holds every warp twice, before and after the event that is being shown;
// one draw call draws them all. Everything that was handed in is kept, so that a context
// that the browser took away is filled again when it comes back. Decides nothing about
// places, colours or time.

import type { Ground } from "../colour.ts";
import type { Fit } from "../formats.ts";
import { DYE_STEPS, PLIES, ROW_BYTES } from "./dye.ts";
import { type Program, Shine, programOf, textureOf } from "./gl_parts.ts";
import { KEEP_STEPS } from "./keeping.ts";
import { WARP_PARTS, WEFT_FLOATS, rgbOf, warpIndex } from "./mesh.ts";
import * as shaders from "./shaders.ts";
import type { Woven } from "./woven.ts";

const WARPS_MAX = 128; // as many as `open` has in the shader

export interface Moment {
  ease: number; // 0 before the event, 1 after
  laid: number; // wefts laid so far
  left: number; // how much of what goes is gone
  mine: readonly number[]; // warps
  glow: boolean;
}

export class Loom {
  private gl: WebGL2RenderingContext;
  private warps!: Program;
  private glow!: Program;
  private wefts!: Program;
  private shine!: Shine;
  private warpArray!: WebGLVertexArrayObject;
  private warpBuffer!: WebGLBuffer;
  private indexBuffer!: WebGLBuffer;
  private weftArray!: WebGLVertexArrayObject;
  private weftBuffer!: WebGLBuffer;
  private dyeTexture!: WebGLTexture;
  private keepTexture!: WebGLTexture;
  // What was handed in, for a context that comes back.
  private woven: Woven | null = null;
  private mesh: Float32Array = new Float32Array(0);
  private rows: Uint8Array = new Uint8Array(0);
  private keep: Uint8Array = new Uint8Array(0);
  private strokes: Float32Array = new Float32Array(0);
  private fit: Fit | null = null;
  private dpr = 1;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private ground: Ground,
    private back: () => void, // the context came back: draw again
  ) {
    const gl = canvas.getContext("webgl2", { antialias: true, powerPreference: "low-power" });
    if (!gl) throw new Error("this browser has no WebGL2");
    this.gl = gl;
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
      this.bake(this.woven, this.mesh);
      this.dye(this.rows);
      this.kept(this.keep);
      this.lay(this.strokes);
    }
    this.back();
  };

  private build(): void {
    const { gl } = this;
    this.warps = programOf(gl, shaders.WARP_VERTEX, shaders.WARP_FRAGMENT);
    this.glow = programOf(gl, shaders.WARP_VERTEX, shaders.GLOW_FRAGMENT);
    this.wefts = programOf(gl, shaders.WEFT_VERTEX, shaders.WEFT_FRAGMENT);
    this.shine = new Shine(gl);
    this.warpArray = gl.createVertexArray()!;
    this.warpBuffer = gl.createBuffer()!;
    this.indexBuffer = gl.createBuffer()!;
    gl.bindVertexArray(this.warpArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.warpBuffer);
    const bytes = 4 * WARP_PARTS.reduce((a, b) => a + b);
    let offset = 0;
    WARP_PARTS.forEach((size, k) => {
      gl.enableVertexAttribArray(k);
      gl.vertexAttribPointer(k, size, gl.FLOAT, false, bytes, offset);
      offset += 4 * size;
    });
    this.weftArray = gl.createVertexArray()!;
    this.weftBuffer = gl.createBuffer()!;
    gl.bindVertexArray(this.weftArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.weftBuffer);
    [0, 16, 32, 36].forEach((at, k) => {
      const [n, kind] = k === 2 ? [4, gl.UNSIGNED_BYTE] : [k === 3 ? 2 : 4, gl.FLOAT];
      gl.enableVertexAttribArray(k + 1);
      gl.vertexAttribPointer(k + 1, n, kind, k === 2, 4 * WEFT_FLOATS, at);
      gl.vertexAttribDivisor(k + 1, 1);
    });
    this.dyeTexture = textureOf(gl);
    this.keepTexture = textureOf(gl);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.depthFunc(gl.LEQUAL);
  }

  place(fit: Fit, dpr: number, ground: Ground): void {
    this.fit = fit;
    this.dpr = dpr;
    this.ground = ground;
    const [w, h] = [Math.round(fit.w * dpr), Math.round(fit.h * dpr)];
    if (this.canvas.width === w && this.canvas.height === h) return;
    this.canvas.width = w;
    this.canvas.height = h;
  }

  // What is woven, and its mesh: the only upload of places, once a layout.
  bake(woven: Woven, mesh: Float32Array): void {
    const { gl } = this;
    this.woven = woven;
    this.mesh = mesh;
    gl.bindVertexArray(this.warpArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.warpBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, mesh, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indexBuffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, warpIndex(woven), gl.STATIC_DRAW);
  }

  // All rows of dye, or one warp's alone.
  dye(rows: Uint8Array): void {
    const { gl } = this;
    this.rows = rows;
    const high = rows.length / (4 * DYE_STEPS);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, DYE_STEPS, high, 0, gl.RGBA, gl.UNSIGNED_BYTE, rows);
  }

  dyeOne(warp: number, row: Uint8Array): void {
    const { gl } = this;
    this.rows.set(row, warp * ROW_BYTES);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, warp * PLIES, DYE_STEPS, PLIES, gl.RGBA, gl.UNSIGNED_BYTE, row);
  }

  // How much of each warp's own light is left, KEEP_STEPS a warp.
  kept(keep: Uint8Array): void {
    const { gl } = this;
    this.keep = keep;
    const high = keep.length / KEEP_STEPS;
    gl.bindTexture(gl.TEXTURE_2D, this.keepTexture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, KEEP_STEPS, high, 0, gl.RED, gl.UNSIGNED_BYTE, keep);
  }

  lay(strokes: Float32Array): void {
    const { gl } = this;
    this.strokes = strokes;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.weftBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, strokes, gl.DYNAMIC_DRAW);
  }

  draw(now: Moment): void {
    const { gl, fit, woven } = this;
    if (!fit || !woven || gl.isContextLost()) return;
    const shines = now.glow && this.ground.theme === "night";
    const { small } = woven.sheet;
    if (shines)
      this.shine.gather(Math.max(4, 6.4 * small * fit.scale * this.dpr), () => {
        this.drawWarps(this.glow, now, 3 * small);
        this.drawMine(this.glow, now);
      });
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.disable(gl.DEPTH_TEST);
    // Many threads shine together: each a little less, so that the night stays night.
    if (shines) this.shine.give(0.85 * Math.min(1, 24 / woven.n) ** 1.3);
    gl.enable(gl.DEPTH_TEST);
    this.drawWarps(this.warps, now, 0);
    gl.disable(gl.DEPTH_TEST);
    this.drawWefts(now);
    gl.enable(gl.DEPTH_TEST);
    this.drawMine(this.warps, now);
  }

  private begin({ program, at }: Program, now: Moment): void {
    const { gl } = this;
    const { scale, x, y, w, h } = this.fit!;
    gl.useProgram(program);
    gl.uniform4f(at("fit"), (2 * scale) / w, (-2 * scale) / h, (2 * x) / w - 1, 1 - (2 * y) / h);
    gl.uniform1f(at("ease"), now.ease);
    gl.uniform1f(at("pixel"), 1 / (scale * this.dpr));
  }

  private drawWarps(program: Program, now: Moment, spread: number): void {
    const { gl } = this;
    const { n, steps, width, sheet, open } = this.woven!;
    const { at } = program;
    this.begin(program, now);
    gl.uniform1f(at("least"), 1.15 / (this.fit!.scale * this.dpr));
    gl.uniform1f(at("spread"), spread);
    gl.uniform3f(at("width"), width[0], width[1], sheet.casing);
    gl.uniform2f(at("own"), 0, 0);
    gl.uniform1f(at("night"), this.ground.theme === "night" ? 1 : 0);
    gl.uniform1f(at("lay"), Math.max(0.72 * width[0], 2.3 * sheet.small));
    for (const name of ["ground", "casing", "ivory"] as const) gl.uniform3fv(at(name), rgbOf(this.ground[name]));
    gl.uniform3fv(at("sheen"), rgbOf(this.ground.weft));
    const dotted = new Float32Array(WARPS_MAX);
    for (const i of open) if (i < WARPS_MAX) dotted[i] = 1;
    gl.uniform1fv(at("open"), dotted);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.keepTexture);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.uniform1i(at("dye"), 0);
    gl.uniform1i(at("keep"), 1);
    gl.bindVertexArray(this.warpArray);
    gl.drawElements(gl.TRIANGLES, n * (steps - 1) * 6, gl.UNSIGNED_INT, 0);
  }

  // One's own warps again, over all others; the other uniforms stand from all warps' drawing.
  private drawMine(program: Program, now: Moment): void {
    const { gl } = this;
    const { n, steps, width, sheet } = this.woven!;
    if (!now.mine.length) return;
    gl.useProgram(program.program);
    gl.bindTexture(gl.TEXTURE_2D, this.dyeTexture);
    gl.bindVertexArray(this.warpArray);
    gl.uniform2f(program.at("own"), 1, Math.max(2.8 * sheet.small, 0.9 * width[0]));
    const each = (steps - 1) * 6;
    for (const i of now.mine) if (i < n) gl.drawElements(gl.TRIANGLES, each, gl.UNSIGNED_INT, 4 * each * i);
  }

  private drawWefts(now: Moment): void {
    const { gl } = this;
    this.begin(this.wefts, now);
    gl.uniform1f(this.wefts.at("laid"), now.laid);
    gl.uniform1f(this.wefts.at("left"), now.left);
    gl.bindVertexArray(this.weftArray);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.strokes.length / WEFT_FLOATS);
  }
}
