/** Temporary folders that are removed with the test. */
import { join } from "node:path";
import { openDatabase } from "../../db/connect.ts";
import { copyFolder, prepareFolder } from "./prepared.ts";

/** Runs `fn` with an empty folder and removes it afterwards. */
export async function withTempDir(fn: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "chandlery-" });
  try {
    await fn(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Runs `fn` with a data folder that holds an empty, closed cluster. */
export async function withDataDir(fn: (dataDir: string) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    await copyEmptyCluster(dir);
    await fn(dir);
  });
}

/** Puts an empty, closed cluster of PGlite into a data folder: making one takes seconds. */
export async function copyEmptyCluster(dataDir: string): Promise<void> {
  await Deno.mkdir(dataDir, { recursive: true });
  await copyFolder(join(await emptyCluster(), "pg"), join(dataDir, "pg"));
}

/** A folder whose `pg` is such a cluster, to be copied. */
function emptyCluster(): Promise<string> {
  return prepareFolder("PGlite", async (folder) => {
    await withTempDir(async (dir) => {
      await (await openDatabase({ dataDir: dir })).close();
      await copyFolder(join(dir, "pg"), join(folder, "pg"));
    });
  });
}
