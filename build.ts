/** Builds the site into `dist`: `deno task build`; with `--if-stale` only when a source is newer. */

const DIST = new URL("dist/", import.meta.url);
const BUNDLE = new URL("server/app.mjs", DIST);
/** Everything that ends up in the bundles. */
const SOURCES = [
  ...["app.ts", "build.ts", "client.ts", "vite.config.ts", "deno.json", "deno.lock"],
  ...["components", "db", "islands", "market", "routes", "static"],
];

await Deno.mkdir(DIST, { recursive: true });
// Test files run in parallel, and a start may meet another: one builds, the others wait for it.
const lock = await Deno.open(new URL(".build.lock", DIST), { create: true, write: true });
await lock.lock(true);
if (!Deno.args.includes("--if-stale") || await isStale()) {
  const { build } = await import("vite");
  await build({ mode: "client", logLevel: "error" });
  await build({ logLevel: "error" });
}
lock.close();

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
