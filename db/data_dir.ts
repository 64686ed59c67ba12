/** The folder of the embedded database: who may enter it, what is where, and its file locks. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { OperatorError } from "../market/errors.ts";
import { isDiskFull } from "./errors.ts";

/** Absolute paths inside `DATA_DIR`. */
export interface DataDir {
  path: string;
  /** PGlite's cluster. */
  pgDir: string;
  /** Exists while the cluster is being made. */
  creatingMark: string;
  /** Sockets and locks; only the owner can enter it. */
  runDir: string;
  socketPath: string;
}

/** A Unix socket's path has 104 bytes on macOS and 108 on Linux, its zero byte included. */
const SOCKET_PATH_LIMIT_BYTES = 100;

/**
 * Makes the folder where it is missing and closes it to everyone else.
 *
 * @throws {OperatorError} when it cannot be made or written.
 */
export async function prepareDataDir(dataDir: string): Promise<DataDir> {
  const shown = resolve(dataDir);
  try {
    await makePrivate(shown, { keepsMode: await isDirectory(shown) });
    const path = await Deno.realPath(shown);
    const runDir = `${path}/run`;
    await makePrivate(runDir);
    await makePrivate(`${path}/pg`);
    const paths = { path, pgDir: `${path}/pg`, creatingMark: `${path}/pg.creating`, runDir };
    return { ...paths, socketPath: await chooseSocketPath(path, runDir) };
  } catch (error) {
    throw explainDataDirError(shown, error);
  }
}

/** A lock that is held. */
export interface FileLock {
  release(): void;
}

/** An exclusive lock on a file, of this open file alone; the kernel ends it with the process. */
export async function tryFileLock(path: string): Promise<FileLock | null> {
  const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  try {
    if (await file.tryLock(true)) return { release: () => unlock(file) };
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return null;
}

/** Closing alone does not unlock while a program that this process just started still has the file too. */
function unlock(file: Deno.FsFile): void {
  file.unlockSync();
  file.close();
}

export function explainDataDirError(path: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (isDiskFull(error)) return diskFullError(path, error);
  return new OperatorError(
    `Cannot keep data in "${path}" (${reason}): set DATA_DIR to a folder that this user may make and write`,
    { cause: error },
  );
}

export function diskFullError(path: string, cause: unknown): OperatorError {
  return new OperatorError(
    `The disk that holds "${path}" is full: free space and start again; what was saved before is safe`,
    { cause },
  );
}

async function chooseSocketPath(path: string, runDir: string): Promise<string> {
  const direct = `${runDir}/pg.sock`;
  if (new TextEncoder().encode(direct).length <= SOCKET_PATH_LIMIT_BYTES) return direct;
  // Not TMPDIR: every process must come to the same place, whatever its environment.
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 16);
  const folder = `/tmp/chandlery-${Deno.uid()}-${hash}`;
  await Deno.mkdir(folder, { mode: 0o700 }).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const info = await Deno.lstat(folder);
  if (!info.isDirectory || info.uid !== Deno.uid() || ((info.mode ?? 0) & 0o077) !== 0) {
    throw new OperatorError(
      `Cannot use "${folder}" for the database's socket as others can enter it: remove it, or set DATA_DIR to a shorter path`,
    );
  }
  return `${folder}/pg.sock`;
}

async function makePrivate(path: string, { keepsMode = false } = {}): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  if (!keepsMode) await Deno.chmod(path, 0o700);
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}
