// Builds ../app.js and ../app.css. The first line of each carries the digest of
// what it was built from, which a Go test holds against the sources.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const read = (path) => readFileSync(new URL(path, import.meta.url));

const sources = ["build.mjs", "package-lock.json", ...readdirSync(new URL("src/", import.meta.url)).map((f) => `src/${f}`)].sort();
const hash = createHash("sha256");
for (const s of sources) hash.update(`${s}\0`).update(read(s));
const digest = `/*! built from web/ ${hash.digest("hex")} */\n`;

const { dependencies } = JSON.parse(read("package.json"));
const notices = Object.entries(dependencies)
  .map(([name, version]) => `/*! ${name} ${version}\n\n${read(`node_modules/${name}/LICENSE`).toString().trim()}\n*/\n`)
  .join("");

const common = { bundle: true, minify: true, write: false, charset: "utf8", legalComments: "inline", absWorkingDir: new URL(".", import.meta.url).pathname };
const target = ["chrome111", "firefox113", "safari16.4"];
const js = await build({ ...common, entryPoints: ["src/main.js"], format: "iife", target });
const css = await build({ ...common, entryPoints: ["src/app.css"], target });
writeFileSync(new URL("../app.js", import.meta.url), digest + notices + js.outputFiles[0].text);
writeFileSync(new URL("../app.css", import.meta.url), digest + css.outputFiles[0].text);
