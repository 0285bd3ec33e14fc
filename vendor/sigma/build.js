// Writes sigma.min.js, the one script, and sigma.LICENSE.txt beside it.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";

const TARGET = "../../tvgnn_cli/report/assets/";
const PACKAGES = ["sigma", "graphology", "graphology-utils", "events"];

const about = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
const licence = (name) =>
  readFileSync(`node_modules/${name}/${name === "events" ? "LICENSE" : "LICENSE.txt"}`, "utf8").trim();
const versions = PACKAGES.map((name) => `${name} ${about(name).version}`).join(", ");
const texts = PACKAGES.map((name) => `${name} ${about(name).version}\n\n${licence(name)}\n`).join("\n---\n\n");

await build({
  entryPoints: ["entry.js"],
  outfile: `${TARGET}sigma.min.js`,
  bundle: true,
  minify: true,
  charset: "ascii",
  format: "iife",
  globalName: "tvDrawing",
  target: "es2020",
  // The licences ask to stay with every copy; a report is one.
  banner: { js: `/*! ${versions}\n\n${texts.replaceAll("*/", "* /")}*/` },
});
writeFileSync(`${TARGET}sigma.LICENSE.txt`, texts);
