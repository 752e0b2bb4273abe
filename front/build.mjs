// Bundles the front end into the package: one script, one style sheet, three
// fonts and the rest of Latin for each. It leaves out the page itself (Python writes it, with the words in
// it) and every kind of serving: nothing built here is ever fetched.
import { copyFileSync, mkdirSync, rmSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const out = new URL("../src/dreamweave/dreamscape/static/", import.meta.url).pathname;

// The page inlines these as data, so each is the smallest file that holds its
// face: latin only, one weight axis. The `-ext` ones hold the rest of Latin and
// go into a page only when its words need them. Other scripts use what the
// reader has.
const FONTS = {
  "fraunces.woff2": "fraunces/files/fraunces-latin-wght-normal.woff2",
  "fraunces-italic.woff2": "fraunces/files/fraunces-latin-wght-italic.woff2",
  "atkinson.woff2":
    "atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
  "fraunces-ext.woff2": "fraunces/files/fraunces-latin-ext-wght-normal.woff2",
  "fraunces-italic-ext.woff2": "fraunces/files/fraunces-latin-ext-wght-italic.woff2",
  "atkinson-ext.woff2":
    "atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
};
const SCRIPT_GZ_BYTES_MAX = 60_000;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: { page: "src/main.ts" },
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  charset: "utf8",
  legalComments: "none",
  outdir: out,
});
await build({
  entryPoints: { page: "src/page.css" },
  bundle: true,
  minify: true,
  target: ["chrome100", "firefox100", "safari15"],
  outdir: out,
});
for (const [name, path] of Object.entries(FONTS)) {
  copyFileSync(new URL(`node_modules/@fontsource-variable/${path}`, import.meta.url), out + name);
}

const script = gzipSync(readFileSync(`${out}page.js`), { level: 9 }).length;
if (script > SCRIPT_GZ_BYTES_MAX) {
  throw new Error(`page.js is ${script} bytes compressed, wanted at most ${SCRIPT_GZ_BYTES_MAX}`);
}
console.log(`front: script ${script} bytes compressed, style ${statSync(`${out}page.css`).size} bytes`);
