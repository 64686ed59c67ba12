/**
 * Builds the site into `dist`: `deno task build`, which says what a page weighs. With `--if-stale` only
 * when a source is newer, and without a word. Either fails when the site is heavier than it may be.
 */
import { listPageIslands } from "./page_islands.ts";
import { describeLoads, isTooHeavy, listLoads, type Manifest, weigh } from "./weight.ts";

const DIST = new URL("dist/", import.meta.url);
const BUNDLE = new URL("server/app.mjs", DIST);
const CLIENT = new URL("client/", DIST);
/** Everything that ends up in the bundles. */
const SOURCES = [
  ...["app.ts", "build.ts", "client.ts", "page_islands.ts", "vite.config.ts", "weight.ts"],
  ...["deno.json", "deno.lock"],
  ...["components", "db", "islands", "market", "routes", "static"],
];

await Deno.mkdir(DIST, { recursive: true });
// Test files run in parallel, and a start may meet another: one builds, the others wait for it.
const lock = await Deno.open(new URL(".build.lock", DIST), { create: true, write: true });
await lock.lock(true);
const ifStale = Deno.args.includes("--if-stale");
if (!ifStale || await isStale()) {
  const { build } = await import("vite");
  await build({ mode: "client", logLevel: "error" });
  checkWeight(!ifStale);
  // Last, as its time says whether the site is built.
  await build({ logLevel: "error" });
}
lock.close();

function checkWeight(isTold: boolean): void {
  const manifest: Manifest = JSON.parse(
    Deno.readTextFileSync(new URL(".vite/manifest.json", CLIENT)),
  );
  const pages = listPageIslands(
    listFiles("routes/"),
    (file) => Deno.readTextFileSync(new URL(file, import.meta.url)),
  );
  const loads = listLoads(
    manifest,
    pages,
    (file) => weigh(Deno.readFileSync(new URL(file, CLIENT))),
  );
  const broken = loads.some(isTooHeavy);
  if (isTold || broken) console.log(describeLoads(loads));
  if (!broken) return;
  console.error("error: the site is heavier than its budget: see docs/decisions.md");
  Deno.exit(1);
}

function listFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, import.meta.url))].flatMap(({ name, isDirectory }) =>
    isDirectory ? listFiles(`${folder}${name}/`) : [folder + name]
  );
}

async function isStale(): Promise<boolean> {
  const builtAt = (await Deno.stat(BUNDLE).catch(() => null))?.mtime?.getTime() ?? 0;
  const changes = await Promise.all(
    SOURCES.map((path) => newestChange(new URL(path, import.meta.url))),
  );
  return Math.max(...changes) > builtAt;
}

async function newestChange(path: URL): Promise<number> {
  const info = await Deno.stat(path);
  // A folder changes when a file in it comes or goes.
  let newest = info.mtime?.getTime() ?? 0;
  if (!info.isDirectory) return newest;
  for await (const entry of Deno.readDir(path)) {
    newest = Math.max(newest, await newestChange(new URL(`${path.href}/${entry.name}`)));
  }
  return newest;
}
