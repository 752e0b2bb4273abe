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
// What arrives on a phone at the moment of waking, and what every other page needs.
const NODE_GZ_BYTES_MAX = { "node.js": 20_000, "tell.js": 20_000, "naming.js": 8_000, "service-worker.js": 6_000 };
// A gathering's page: its script and, fetched once that runs, its picture; and their style.
const LIVE = ["live.js", "live-picture.js"];
const PICTURE_GZ_BYTES_MAX = 24_000;
const LIVE_CSS_GZ_BYTES_MAX = 5_000;
const BROWSERS = ["chrome100", "firefox100", "safari15"];
// Shaders are text to the bundler: their remarks, indents and spaces would travel to every phone.
const bare = (shader) =>
  shader.replace(/[ \t]*\/\/.*$/gm, "").replace(/^[ \t]+/gm, "").replace(/ ?([=+*/,;{}<>?:-]) ?/g, "$1");
const bareShaders = {
  name: "bare-shaders",
  setup: (building) =>
    building.onLoad({ filter: /shaders\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/`[^`]*`/g, bare),
      loader: "ts",
    })),
};
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

// One script for every page; one that runs alone on the page where one tells, so that
// nothing else has to arrive before somebody can write; and one for a gathering's page.
const SCRIPTS = { node: "src/node/main.ts", tell: "src/node/tell.ts", live: "src/live/main.ts" };

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
    assetNames: "[name]-[hash]",
  };
  const style = await build({
    ...shared,
    entryPoints: { node: "src/node.css", live: "src/live/live.css" },
    target: BROWSERS,
    loader: { ".woff2": "file" },
  });
  // The rules of the naming hint: fetched by the page for telling when somebody pauses, not before.
  const naming = await build({
    ...shared,
    entryPoints: { naming: "src/node/naming_hint.ts" },
    format: "esm",
    target: ["es2020"],
  });
  const [namingFile] = Object.keys(naming.metafile.outputs).map((path) => basename(path));
  // The picture's flat drawing, for machines without WebGL2 and for textures: fetched by those.
  const flat = await build({
    ...shared,
    entryPoints: { "live-flat": "src/live/flat.ts" },
    format: "esm",
    target: ["es2020"],
  });
  const [flatFile] = Object.keys(flat.metafile.outputs).map((path) => basename(path));
  const picture = await build({
    ...shared,
    entryPoints: { "live-picture": "src/live/picture.ts" },
    format: "esm",
    target: ["es2020"],
    define: { FLAT_FILE: JSON.stringify(flatFile) },
    plugins: [bareShaders],
  });
  const [pictureFile] = Object.keys(picture.metafile.outputs).map((path) => basename(path));
  const script = await build({
    ...shared,
    entryPoints: SCRIPTS,
    format: "iife",
    target: ["es2020"],
    define: { NAMING_FILE: JSON.stringify(namingFile), PICTURE_FILE: JSON.stringify(pictureFile) },
  });

  const manifest = {};
  const files = [];
  for (const { metafile } of [style, naming, flat, picture, script]) {
    for (const path of Object.keys(metafile.outputs)) {
      const file = basename(path);
      files.push(file);
      if (!file.endsWith(".woff2")) manifest[file.replace(/-[0-9A-Z]{8}\./, ".")] = file;
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
    define: { STATIC_FILES: JSON.stringify(manifest.files) },
  });
  // What the scripts show, for Python to put into each page in its language.
  copyFileSync("src/node/strings.json", `${out}strings.json`);
  copyFileSync("src/live/strings.json", `${out}strings-live.json`);
  manifest["service-worker.js"] = "service-worker.js";
  writeFileSync(`${out}manifest.json`, JSON.stringify(manifest, null, 1));

  for (const [name, max] of Object.entries(NODE_GZ_BYTES_MAX)) within(name, gz(out + manifest[name]), max);
  within("live-picture.js", gz(out + manifest["live-picture.js"]), PICTURE_GZ_BYTES_MAX);
  within("live.js with its picture", LIVE.reduce((sum, name) => sum + gz(out + manifest[name]), 0), SCRIPT_GZ_BYTES_MAX);
  within("live.css", gz(out + manifest["live.css"]), LIVE_CSS_GZ_BYTES_MAX);
  const said = [...Object.keys(NODE_GZ_BYTES_MAX), ...LIVE, "node.css", "live.css"].map((n) => `${n} ${gz(out + manifest[n])}`);
  console.log(`node: ${said.join(", ")} bytes compressed`);
}

await dreamscape();
await node();
