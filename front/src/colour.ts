// Colours: OKLab arithmetic and the dyes of both grounds.
//
// Hex in, hex out, no drawing. Which feeling a thread carries is the scene's
// business; here a feeling is only an index into the list below.

export type Lab = readonly [number, number, number];
export type Theme = "night" | "day";

export const FEELINGS = [
  "joy",
  "tenderness",
  "wonder",
  "calm",
  "longing",
  "sorrow",
  "fear",
  "anger",
] as const;
export const NONE = 255;

function linear(byte: number): number {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

export function lab(hex: string): Lab {
  const [r, g, b] = [1, 3, 5].map((k) => linear(parseInt(hex.slice(k, k + 2), 16)));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function mix(a: Lab, b: Lab, t: number): Lab {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

export function css(colour: Lab, alpha = 1): string {
  const l = (colour[0] + 0.3963377774 * colour[1] + 0.2158037573 * colour[2]) ** 3;
  const m = (colour[0] - 0.1055613458 * colour[1] - 0.0638541728 * colour[2]) ** 3;
  const s = (colour[0] - 0.0894841775 * colour[1] - 1.291485548 * colour[2]) ** 3;
  const byte = (x: number) => {
    const c = Math.min(1, Math.max(0, x));
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  };
  const r = byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const g = byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const b = byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return alpha >= 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${alpha})`;
}

// Everything a drawing asks of a ground. The hex values are those the palette
// test measures (contrast, and difference under three kinds of colour blindness).
export interface Ground {
  theme: Theme;
  ground: Lab;
  casing: Lab;
  linenLow: Lab;
  linenHigh: Lab;
  weft: Lab;
  moon: Lab; // what plain linen leans to in the shade of a cloth without dyes
  ivory: Lab; // your own thread
  ink: string;
  quiet: string;
  halo: string;
  dyes: readonly Lab[];
}

export const GROUNDS: Record<Theme, Ground> = {
  night: {
    theme: "night",
    ground: lab("#0b0d1a"),
    casing: lab("#06070f"),
    linenLow: lab("#857b70"),
    linenHigh: lab("#b5aa95"),
    weft: lab("#e7ddc8"),
    moon: lab("#7f86b8"),
    ivory: lab("#fffaf0"),
    ink: "#fbf5e8",
    quiet: "#c3c0d6",
    halo: "rgba(11,13,26,.92)",
    dyes: [
      "#f0cd34",
      "#ff95a6",
      "#65deef",
      "#63b56b",
      "#bf7bf1",
      "#437fb5",
      "#f7f2eb",
      "#de4514",
    ].map(lab),
  },
  day: {
    theme: "day",
    ground: lab("#f8f4ec"),
    casing: lab("#f8f4ec"),
    linenLow: lab("#826b52"),
    linenHigh: lab("#a08666"),
    weft: lab("#6d5844"),
    moon: lab("#958a85"),
    ivory: lab("#1c1a28"),
    ink: "#1c1a28",
    quiet: "#56526a",
    halo: "rgba(248,244,236,.92)",
    dyes: [
      "#b08801",
      "#e7568b",
      "#269ab5",
      "#296948",
      "#833fb3",
      "#132a7b",
      "#0d0d0d",
      "#bb1b00",
    ].map(lab),
  },
};
