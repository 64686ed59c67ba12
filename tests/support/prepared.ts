/** Clusters and rows of databases that are made once and copied: a copy costs a part of a new one. */
import { createHash } from "node:crypto";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "../..");
/** Like the built site: made of the sources, and not in the repository. */
const FOLDER = join(ROOT, "dist/test_data");

/**
 * A folder that `make` filled, for this version of the sources: made by the first who asks, of all
 * processes, and there from then on. It is to be copied and not to be used.
 *
 * @param sources files and folders of the project: whatever may change what is in it
 */
export async function prepareFolder(
  name: string,
  make: (folder: string) => Promise<void>,
  sources: readonly string[] = ["db", "deno.lock"],
): Promise<string> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const folder = join(FOLDER, `${name}-${await hashSources(sources)}`);
  using lock = await Deno.open(join(FOLDER, `${name}.lock`), { create: true, write: true });
  await lock.lock(true);
  if (await Deno.stat(folder).catch(() => null)) return folder;
  for await (const entry of Deno.readDir(FOLDER)) {
    const isOld = entry.isDirectory && entry.name.startsWith(`${name}-`);
    if (isOld) await Deno.remove(join(FOLDER, entry.name), { recursive: true });
  }
  const half = `${folder}.half`;
  await Deno.mkdir(half);
  await make(half);
  await Deno.rename(half, folder);
  return folder;
}

/** Copies a folder with its owners and modes; `to` must not exist. */
export async function copyFolder(from: string, to: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function hashSources(sources: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of sources) await hashPath(hash, path);
  return hash.digest("hex").slice(0, 12);
}

async function hashPath(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const whole = join(ROOT, path);
  if ((await Deno.stat(whole)).isFile) {
    return void hash.update(path).update(await Deno.readFile(whole));
  }
  const names = (await Array.fromAsync(Deno.readDir(whole))).map(({ name }) => name).sort();
  for (const name of names) await hashPath(hash, `${path}/${name}`);
}
