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
  const cluster = await emptyCluster();
  await withTempDir(async (dir) => {
    await copyFolder(join(cluster, "pg"), join(dir, "pg"));
    await fn(dir);
  });
}

/** A folder whose `pg` is an empty, closed cluster of PGlite, to be copied. */
export function emptyCluster(): Promise<string> {
  return prepareFolder("PGlite", async (folder) => {
    await withTempDir(async (dir) => {
      await (await openDatabase({ dataDir: dir })).close();
      await copyFolder(join(dir, "pg"), join(folder, "pg"));
    });
  });
}
