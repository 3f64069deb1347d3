/** Bundles src/main.js as ../static/canvas.js, and writes down the licences of what it holds. */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../static"));

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/main.js"],
  outfile: join(target, "canvas.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  banner: { js: "// Built from wclab/explorers/js; licences in THIRD-PARTY-LICENSES.txt" },
  metafile: true,
});
writeFileSync(join(target, "canvas.css"), readFileSync(join(here, "src/canvas.css")));
writeFileSync(join(target, "THIRD-PARTY-LICENSES.txt"), licences(Object.values(metafile.outputs)));

/**
 * The licence texts of the packages of which something is in the bundle.
 * @param {{inputs: Record<string, {bytesInOutput: number}>}[]} outputs
 * @returns {string}
 */
function licences(outputs) {
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = used.map(([path]) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const packages = [...new Set(names.filter((name) => name !== undefined))].sort();
  const texts = packages.map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const text = readFileSync(join(folder, "LICENSE"), "utf8").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const intro = "canvas.js holds parts of the following packages.\n";
  return [intro, ...texts].join(`\n${"-".repeat(72)}\n\n`);
}
