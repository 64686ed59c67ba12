/** Where an export goes: a file that is there whole or not at all, or the standard output. */
import { basename, dirname, join } from "node:path";
import { isDiskFull } from "../../db/errors.ts";
import { OperatorError } from "../../market/errors.ts";

export interface Output {
  /** Waits until the bytes are taken, so that no more than one page waits in memory. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes what was written final. */
  commit(): Promise<void>;
  /** Takes away what was written so far, where that is possible. */
  discard(): Promise<void>;
}

/** What reads our output has closed it, as `head` does: there is nobody to tell. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** The standard output of this process. */
export function openStandardOutput(): Output {
  return {
    write: (bytes) => writeAll(Deno.stdout, bytes, "the standard output"),
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

/**
 * A file under a name of its own until it is complete; then it takes the place of one of the same name.
 * @throws {OperatorError} when it cannot be made there.
 */
export async function openFileOutput(path: string): Promise<Output> {
  const target = await targetOf(path);
  const draft = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.part`);
  const file = await explained(path, () => Deno.open(draft, { write: true, createNew: true }));
  return {
    write: (bytes) => writeAll(file, bytes, path),
    commit: () =>
      explained(path, async () => {
        await file.sync();
        file.close();
        await Deno.rename(draft, target);
      }),
    async discard() {
      try {
        file.close();
      } catch {
        // It is closed already when its rename was what failed.
      }
      await Deno.remove(draft);
    },
  };
}

/** The file that the path means, a link followed: it is the one to be replaced. */
async function targetOf(path: string): Promise<string> {
  const found = await Deno.stat(path).catch(() => null);
  if (found === null) return path;
  if (found.isFile) return await Deno.realPath(path);
  const what = found.isDirectory ? "a folder" : "no ordinary file";
  throw new OperatorError(`Cannot write ${path} as it is ${what}: name a file with --output`);
}

async function writeAll(
  to: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
  name: string,
): Promise<void> {
  await explained(name, async () => {
    for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
  });
}

async function explained<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed(name, { cause: error });
    const why = isDiskFull(error)
      ? "its disk is full: free space there and do it again"
      : error instanceof Deno.errors.NotFound
      ? await Deno.stat(dirname(name)).then(
        () => "it cannot be made there: name another place with --output",
        () => "its folder does not exist: make it, or name another",
      )
      : error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable
      ? "that is not permitted: choose another place, or allow it"
      : `that failed: ${error instanceof Error ? error.message : error}`;
    throw new OperatorError(`Cannot write ${name} as ${why}`, { cause: error });
  }
}
