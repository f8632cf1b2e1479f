// Builds what browsers get: node build.mjs --out DIR
// One self-contained file for each page that needs one (Django's manifest storage hashes names and would not see
// imports between files), a style sheet for the site and one for the desk, and csp-player.json: hashes of the style sheets which the player's elements
// put into their shadow roots, so that the strict content security policy can admit exactly those (config/csp.py).
// Modules are found in NODE_PATH or in frontend/node_modules.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const modules = (process.env.NODE_PATH || "").split(":").filter(Boolean).concat(join(here, "node_modules"));

const ENTRIES = {
  site: "site/site.js",
  upload: "upload/upload.js",
  player: "player/player.js",
  work: "work/work.js",
  search: "search/search.js",
  "events-worker": "events/worker.js",
  site_css: "styles/index.css",
  desk_css: "desk/desk.css",
};

// The elements that player/theme.js puts on the page.
const ELEMENTS = [
  "media-chrome/dist/media-controller.js",
  "media-chrome/dist/media-gesture-receiver.js",
  "media-chrome/dist/media-tooltip.js",
  "media-chrome/dist/media-loading-indicator.js",
  "media-chrome/dist/media-play-button.js",
  "media-chrome/dist/media-seek-backward-button.js",
  "media-chrome/dist/media-mute-button.js",
  "media-chrome/dist/media-fullscreen-button.js",
  "hls-video-element/dist/hls-video-element.js",
];

function fail(words) {
  process.stderr.write(`✗ ${words}\n`);
  process.exit(1);
}

function outFolder() {
  const at = process.argv.indexOf("--out");
  if (at < 0 || !process.argv[at + 1]) fail("Say where to: node build.mjs --out DIR");
  return resolve(process.argv[at + 1]);
}

/** The folder of node modules that has esbuild in it. */
async function moduleFolder() {
  for (const folder of modules) {
    const found = await readFile(join(folder, "esbuild/package.json")).catch(() => null);
    if (found) return folder;
  }
  return fail(`No node modules in ${modules.join(" or ")}. script/setup brings them.`);
}

/** SHA-256 of every style sheet in the templates of the elements, as they stand in `style-src`. */
async function styleHashes(folder) {
  const hashes = new Set();
  for (const path of ELEMENTS) {
    const element = (await import(pathToFileURL(join(folder, path)))).default;
    const html = element.getTemplateHTML({}, {});
    for (const [, css] of html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) {
      hashes.add(`sha256-${createHash("sha256").update(css).digest("base64")}`);
    }
  }
  return [...hashes].sort();
}

async function bundle(folder, out) {
  const esbuild = createRequire(join(folder, "esbuild/package.json"))("esbuild");
  const entryPoints = Object.entries(ENTRIES).map(([name, path]) => ({
    in: join(here, path),
    out: name.replace("_css", ""),
  }));
  await esbuild.build({
    entryPoints,
    outdir: out,
    nodePaths: modules,
    bundle: true,
    minify: true,
    format: "esm",
    // What webviews inside enterprise apps still are.
    target: ["es2020", "chrome90", "safari15", "firefox90"],
    charset: "utf8",
    legalComments: "inline", // licences travel with the code
    logLevel: "warning",
  });
}

async function printSizes(out) {
  for (const name of (await readdir(out)).sort()) {
    const bytes = await readFile(join(out, name));
    const kb = (size) => `${(size / 1024).toFixed(1)} kB`.padStart(10);
    process.stdout.write(`${name.padEnd(20)}${kb(bytes.length)}${kb(gzipSync(bytes).length)} gzip\n`);
  }
}

const started = performance.now();
const out = outFolder();
const folder = await moduleFolder();
const draft = `${out}.draft`;
await rm(draft, { recursive: true, force: true });
await mkdir(draft, { recursive: true });
await bundle(folder, draft);
await writeFile(join(draft, "csp-player.json"), JSON.stringify(await styleHashes(folder), null, 1));
// Whole or not at all: a broken build leaves the last good one.
await rm(out, { recursive: true, force: true });
await rename(draft, out);
await printSizes(out);
process.stdout.write(`built in ${Math.round(performance.now() - started)} ms\n`);
