// Bundles the front ends into the package. Two of them:
//   dreamscape/static  one page that stands alone: its script, style and fonts go into it as data;
//   web/static         what a node serves: hashed names, fetched once, listed in manifest.json.
// It leaves out the pages themselves (Python writes them, with the words in them).
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const inPackage = (path) => new URL(`../src/dreamweave/${path}/`, import.meta.url).pathname;
const SCRIPT_GZ_BYTES_MAX = 60_000;
const BROWSERS = ["chrome100", "firefox100", "safari15"];
const gz = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

function fresh(path) {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

function within(name, bytes, max) {
  if (bytes > max) throw new Error(`${name} is ${bytes} bytes compressed, wanted at most ${max}`);
  return bytes;
}

// ------------------------------------------------------------------ the dreamscape

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

async function dreamscape() {
  const out = fresh(inPackage("dreamscape/static"));
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
    target: BROWSERS,
    outdir: out,
  });
  for (const [name, path] of Object.entries(FONTS)) {
    copyFileSync(new URL(`node_modules/@fontsource-variable/${path}`, import.meta.url), out + name);
  }
  const script = within("page.js", gz(`${out}page.js`), SCRIPT_GZ_BYTES_MAX);
  console.log(`front: script ${script} bytes compressed, style ${statSync(`${out}page.css`).size} bytes`);
}

// ------------------------------------------------------------------ the node

// What is fetched with every page comes first and small; what an island needs
// is imported by it when it wakes, and is then a chunk of its own.
async function node() {
  const out = fresh(inPackage("web/static"));
  const shared = {
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    outdir: out,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
  };
  const style = await build({
    ...shared,
    entryPoints: ["src/node.css"],
    target: BROWSERS,
    loader: { ".woff2": "file" },
  });
  const script = await build({
    ...shared,
    entryPoints: ["src/node.ts"],
    format: "esm",
    splitting: true,
    target: ["es2020"],
  });

  const manifest = {};
  const files = [];
  let first = 0;
  for (const { metafile } of [style, script]) {
    for (const [path, made] of Object.entries(metafile.outputs)) {
      files.push(basename(path));
      if (!made.entryPoint || /\.woff2$/.test(path)) continue;
      manifest[basename(made.entryPoint).replace(/\.ts$/, ".js")] = basename(path);
      if (path.endsWith(".js")) first += gz(out + basename(path));
    }
  }
  manifest.files = files.sort();

  // The worker stands at one address for ever and knows every file by its hashed
  // name, so a new build is a new worker. `STATIC_FILES` is what it may keep.
  await build({
    ...shared,
    metafile: false,
    entryNames: "[name]",
    entryPoints: ["src/service-worker.ts"],
    format: "iife",
    target: ["es2020"],
    define: {
      STATIC_FILES: JSON.stringify(manifest.files),
      STATIC_NAMES: JSON.stringify({ style: manifest["node.css"], script: manifest["node.js"] }),
    },
  });
  manifest["service-worker.js"] = "service-worker.js";
  writeFileSync(`${out}manifest.json`, JSON.stringify(manifest, null, 1));

  within("node.js", first, SCRIPT_GZ_BYTES_MAX);
  const css = gz(out + manifest["node.css"]);
  console.log(`node: script ${first} bytes compressed, style ${css} bytes compressed`);
}

await dreamscape();
await node();
