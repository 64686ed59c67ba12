/** Temporary folders that are removed with the test. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/connect.ts";

/** Runs `fn` with an empty folder and removes it afterwards. */
export async function withTempDir(fn: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "chandlery-" });
  try {
    await fn(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

let template: Promise<string> | undefined;

/** Runs `fn` with a data folder that holds an empty, closed cluster: a copy is faster than a new one. */
export async function withDataDir(fn: (dataDir: string) => Promise<void>): Promise<void> {
  const source = await (template ??= makeTemplate());
  await withTempDir(async (dir) => {
    cpSync(join(source, "pg"), join(dir, "pg"), { recursive: true });
    await fn(dir);
  });
}

async function makeTemplate(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "chandlery-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
  await (await openDatabase({ dataDir: dir })).close();
  return dir;
}
