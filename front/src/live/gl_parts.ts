// GL parts: programs, textures and the light of dyed threads. Knows no warp and no weave.

import * as shaders from "./shaders.ts";

export interface Program {
  program: WebGLProgram;
  at: (name: string) => WebGLUniformLocation | null;
}

export function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
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

export function textureOf(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture()!;
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, side, gl.LINEAR);
  for (const way of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
    gl.texParameteri(gl.TEXTURE_2D, way, gl.CLAMP_TO_EDGE);
  return texture;
}

// What shines, at a quarter of the size and blurred twice, added to what lies below.
export class Shine {
  private blur: Program;
  private shine: Program;
  private small: { texture: WebGLTexture; frame: WebGLFramebuffer }[] = [];
  private size = [0, 0];

  constructor(private gl: WebGL2RenderingContext) {
    this.blur = programOf(gl, shaders.WHOLE_VERTEX, shaders.BLUR_FRAGMENT);
    this.shine = programOf(gl, shaders.WHOLE_VERTEX, shaders.SHINE_FRAGMENT);
  }

  // `draw` draws what shines; `reach` is how far its light goes, in pixels of the canvas.
  gather(reach: number, draw: () => void): void {
    const { gl } = this;
    const w = Math.max(1, gl.drawingBufferWidth >> 2);
    const h = Math.max(1, gl.drawingBufferHeight >> 2);
    if (this.size[0] !== w || this.size[1] !== h) this.room(w, h);
    gl.viewport(0, 0, w, h);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.small[0].frame);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    draw();
    gl.disable(gl.BLEND);
    gl.useProgram(this.blur.program);
    for (const far of [reach / 8, reach / 4])
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

  give(strength: number): void {
    const { gl } = this;
    gl.useProgram(this.shine.program);
    gl.bindTexture(gl.TEXTURE_2D, this.small[0].texture);
    gl.uniform1f(this.shine.at("strength"), strength);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private room(w: number, h: number): void {
    const { gl } = this;
    for (const { texture, frame } of this.small) {
      gl.deleteTexture(texture);
      gl.deleteFramebuffer(frame);
    }
    this.small = [0, 1].map(() => {
      const texture = textureOf(gl);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, w, h, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      const frame = gl.createFramebuffer()!;
      gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
      return { texture, frame };
    });
    this.size = [w, h];
  }
}
