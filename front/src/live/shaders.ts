// Shaders: a warp as spun yarn, a weft as a rounded stroke, and the light they give off.

// A ribbon as wide as a warp and its casing. Where it lies was baked, twice: before the event
// that is being shown, and after it; `ease` goes from one to the other.
export const WARP_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec4 before;  // x, y, normal
layout(location=1) in vec4 after;
layout(location=2) in vec4 about;   // u, length so far, 2 * warp + side, depth
layout(location=3) in vec2 weight;  // before, after
uniform vec4 fit;                   // design units to clip space
uniform float ease, least, spread;  // least: the thinnest a body may be, design units
uniform vec3 width;                 // base, more at full dye, casing
uniform vec2 own;                   // one's own warp: 1, and its width
uniform sampler2D dye, keep;
out float x, u, s, kept;
out vec2 half_;                     // body, body and casing
flat out float row;
void main() {
  float warp = floor(about.z / 2.0);
  float side = about.z - 2.0 * warp < 0.5 ? -1.0 : 1.0;
  vec2 at = mix(before.xy, after.xy, ease);
  vec2 n = normalize(mix(before.zw, after.zw, ease) + vec2(1e-6));
  float amount = texelFetch(dye, ivec2(about.x * 511.0 + 0.5, warp * 3.0), 0).a;
  float horn = max(0.0, max(1.0 - about.x / 0.125, (about.x - 0.875) / 0.125));
  float w = (width.x + width.y * amount) * mix(weight.x, weight.y, ease) * (1.0 - 0.42 * horn);
  w = max(mix(w, own.y, own.x), least) + spread;
  half_ = 0.5 * vec2(w, w + width.z);
  x = side * half_.y;
  u = about.x;
  s = about.y;
  row = warp;
  kept = texture(keep, vec2(about.x, (warp + 0.5) / float(textureSize(keep, 0).y))).r;
  vec2 p = at + n * x;
  gl_Position = vec4(p * fit.xy + fit.zw, own.x > 0.5 ? -0.95 : -0.9 * about.w, 1.0);
}`;

const PLY = `
uniform sampler2D dye;
vec4 dyed(float ply) {
  float y = (row * 3.0 + ply + 0.5) / float(textureSize(dye, 0).y);
  return texture(dye, vec2((u * 511.0 + 0.5) / 512.0, y)); // DYE_STEPS
}`;

export const WARP_FRAGMENT = `#version 300 es
precision highp float;
in float x, u, s, kept;
in vec2 half_;
flat in float row;
uniform vec3 ground, casing, ivory, sheen;
uniform float night, pixel, lay, open[128]; // pixel: one of the screen's, in design units
uniform vec2 own;
out vec4 colour;
${PLY}
void main() {
  float b = x / half_.x;                        // across the body, -1..1
  float inside = clamp((half_.x - abs(x)) / pixel + 0.5, 0.0, 1.0);
  float round_ = sqrt(max(0.0, 1.0 - b * b));
  // Three plies, laid round each other: each is round itself, with a dark groove between.
  float turn = s / lay + b * 0.78;
  float f = fract(turn);
  float fine = 1.0 - smoothstep(0.3, 0.62, fwidth(turn));
  float ply = mod(floor(turn), 3.0);
  vec4 yarn = dyed(ply);
  if (fine < 1.0) yarn = mix(dyed(1.0), yarn, fine); // too small to tell plies apart
  float swell = 4.0 * f * (1.0 - f);
  vec3 c = mix(yarn.rgb, ivory, own.x);
  float amount = mix(yarn.a, 1.0, own.x);
  bool kept_open = open[int(row)] > 0.5;
  if (kept_open) {
    // A seat that is kept: thin and dotted; it is there, and it asks for nothing.
    float dot_ = min(half_.x * 0.62, 1.3);
    float d = length(vec2((fract(s / (dot_ * 5.6)) - 0.5) * dot_ * 5.6, x));
    float a = clamp((dot_ - d) / pixel + 0.5, 0.0, 1.0) * 0.92;
    if (a < 0.02) discard;
    c = mix(ground, c, kept);
    colour = vec4(c * a, a);
    return;
  }
  if (night > 0.5) {
    float light = (0.42 + 0.63 * round_) * mix(1.0, 0.56 + 0.58 * swell, fine * (1.0 - 0.7 * own.x));
    c = mix(ground, c, kept * (0.8 + 0.2 * amount));
    c = mix(casing, c, min(1.0, light)) + max(0.0, light - 1.0) * sheen * kept;
    // The side that faces the opening catches a little of its light.
    c += sheen * kept * (0.02 + 0.09 * amount) * pow(max(0.0, 1.0 - abs(b + 0.35)), 3.0);
  } else {
    float dark = (1.0 - min(1.0, 0.5 + 0.6 * round_)) * 0.5 + (1.0 - swell) * fine * 0.2;
    c = mix(ground, c * (1.0 - dark), kept);
  }
  c = mix(casing, c, inside);
  // Opaque to its edge, which the samples of each pixel smooth: what lies over is never seen through.
  colour = vec4(c, 1.0);
}`;

// What a warp shines with: its dye, as much as there is of it.
export const GLOW_FRAGMENT = `#version 300 es
precision highp float;
in float x, u, s, kept;
in vec2 half_;
flat in float row;
uniform vec3 ivory;
uniform vec2 own;
out vec4 colour;
${PLY}
void main() {
  vec4 yarn = dyed(mod(floor(s / 9.0 + x * 0.2), 3.0));
  float a = mix(yarn.a * yarn.a, 0.8, own.x) * kept;
  colour = vec4(mix(yarn.rgb, ivory, own.x) * a, a);
}`;

export const WEFT_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 corner;  // -1..1
layout(location=1) in vec4 before;  // two ends
layout(location=2) in vec4 after;
layout(location=3) in vec4 colour;
layout(location=4) in vec2 about;   // half its width, and when it is laid: -1 lies, -2 goes
uniform vec4 fit;
uniform float ease, laid, left, pixel;
out vec2 at;
flat out float long_, wide;
flat out vec4 tint;
void main() {
  vec4 ends = mix(before, after, ease);
  vec2 middle = 0.5 * (ends.xy + ends.zw);
  vec2 reach = 0.5 * (ends.zw - ends.xy);
  float grown = about.y < -0.5 ? 1.0 : clamp(laid - about.y, 0.0, 1.0);
  float alpha = about.y < -1.5 ? 1.0 - left : min(1.0, grown * 3.0);
  reach *= grown;
  long_ = length(reach);
  vec2 t = long_ > 1e-4 ? reach / long_ : vec2(1.0, 0.0);
  wide = about.x;
  vec2 out_ = vec2(long_ + wide + pixel, wide + pixel);
  at = corner * out_;
  vec2 p = middle + t * at.x + vec2(-t.y, t.x) * at.y;
  tint = colour * alpha;
  gl_Position = vec4(p * fit.xy + fit.zw, 0.0, 1.0);
}`;

export const WEFT_FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
flat in float long_, wide;
flat in vec4 tint;
uniform float pixel;
out vec4 colour;
void main() {
  float d = length(vec2(max(0.0, abs(at.x) - long_), at.y));
  float a = clamp((wide - d) / pixel + 0.5, 0.0, 1.0);
  colour = tint * a;
}`;

export const WHOLE_VERTEX = `#version 300 es
out vec2 at;
void main() {
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
  gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}`;

// A gaussian of nine taps, one way at a time.
export const BLUR_FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
uniform sampler2D from;
uniform vec2 by;
out vec4 colour;
void main() {
  vec4 sum = texture(from, at) * 0.1964;
  float weights[4] = float[4](0.1747, 0.1210, 0.0656, 0.0405);
  for (int k = 0; k < 4; k++) {
    vec2 o = by * float(k + 1);
    sum += (texture(from, at + o) + texture(from, at - o)) * weights[k];
  }
  colour = sum;
}`;

// Light is added to what lies below: a colour without any cover.
export const SHINE_FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
uniform sampler2D from;
uniform float strength;
out vec4 colour;
void main() {
  vec3 c = texture(from, at).rgb * strength;
  colour = vec4(c / (1.0 + 1.1 * max(c.r, max(c.g, c.b))), 0.0); // much light is not much more
}`;
