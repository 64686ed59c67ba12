/**
 * The embedded database: PGlite in `DATA_DIR`, held by one process at a time and reached by all through
 * a Unix socket. A kernel file lock says who holds it, so it ends with its holder, kill -9 included.
 */
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { OperatorError } from "../market/errors.ts";
import {
  type DataDir,
  diskFullError,
  explainDataDirError,
  prepareDataDir,
  tryFileLock,
} from "./data_dir.ts";
import type { HostCommand, HostReport } from "./embedded_host.ts";
import { isDiskFull } from "./errors.ts";

export interface Embedded {
  /** The absolute data folder. */
  path: string;
  /**
   * A connected socket, after making this process the host when there is none. It never rejects:
   * postgres.js forgets a connection whose socket fails that way, so the stream itself fails.
   */
  connect(): Promise<Duplex>;
  /** Why the database that this process hosted broke down or could not start; null while all is well. */
  readonly failure: OperatorError | null;
  /** @see {@linkcode Database.tryLock} in connect.ts */
  tryLock(name: string): Promise<{ release(): Promise<void> } | null>;
  /** Closes the files when this process hosts; the next connection of another process takes over. */
  close(): Promise<void>;
}

/** Enough for a first start on a slow disk, or to replay what a killed host left. */
const WAIT_LIMIT_MS = 60_000;
const RETRY_DELAY_MS = 20;

/** @throws {OperatorError} when the folder cannot be used. */
export async function openEmbedded(dataDir: string): Promise<Embedded> {
  const dir = await prepareDataDir(dataDir);
  let host: Host | null = null;
  let starting: Promise<boolean> | null = null;
  let failure: OperatorError | null = null;
  let isClosed = false;

  /** Whether this process hosts afterwards. */
  async function tryToHost(): Promise<boolean> {
    const lock = await tryFileLock(`${dir.runDir}/host.lock`);
    if (!lock) return false;
    try {
      // Only who has the lock may remove the socket: nobody listens on it then.
      await Deno.remove(dir.socketPath).catch(ignoreMissing);
      host = await startHost(dir, (reason) => {
        failure = explainReason(dir, reason);
        host = null;
        // Until its thread has ended, its socket takes connections that nobody will answer.
        removeSocket(dir.socketPath);
        lock.release();
      }, () => lock.release());
      failure = null;
      return true;
    } catch (error) {
      lock.release();
      throw failure = explainDataDirError(dir.path, error);
    }
  }

  async function connectOrHost(): Promise<Socket> {
    const deadline = Date.now() + WAIT_LIMIT_MS;
    while (Date.now() < deadline) {
      if (isClosed) throw new Error("The embedded database is closed");
      const socket = await tryToConnect(dir.socketPath);
      if (socket) return socket;
      starting ??= tryToHost().finally(() => starting = null);
      if (!await starting) await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
    throw new OperatorError(
      `Cannot reach the database in "${dir.path}" as the process that holds it does not answer: ` +
        `end that process and start again`,
    );
  }

  return {
    path: dir.path,
    get failure() {
      return failure;
    },
    connect: () => connectOrHost().catch(failingStream),
    async tryLock(name) {
      const lock = await tryFileLock(`${dir.runDir}/${encodeURIComponent(name)}.lock`);
      return lock && { release: () => Promise.resolve(lock.release()) };
    },
    async close() {
      isClosed = true;
      await starting?.catch(() => false);
      await host?.stop();
      host = null;
    },
  };
}

interface Host {
  stop(): Promise<void>;
}

/** Starts the worker; `onCrash` is called at most once, when it breaks down while it serves. */
async function startHost(
  dir: DataDir,
  onCrash: (reason: string) => void,
  onStopped: () => void,
): Promise<Host> {
  const worker = new Worker(import.meta.resolve("./embedded_host.ts"), { type: "module" });
  const send = (command: HostCommand) => worker.postMessage(command);
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const heard = new Int32Array(new SharedArrayBuffer(4));
  let isServing = false;
  const breakDown = (reason: string) => {
    if (isServing) onCrash(reason);
    isServing = false;
    Atomics.store(heard, 0, 1);
    Atomics.notify(heard, 0);
    worker.terminate();
    started.reject(explainReason(dir, reason));
    ended.resolve();
  };
  worker.onmessage = ({ data: report }: MessageEvent<HostReport>) => {
    if (report.type === "ready") {
      isServing = true;
      started.resolve();
    } else if (report.type === "stopped") {
      worker.terminate();
      if (isServing) onStopped();
      isServing = false;
      ended.resolve();
    } else breakDown(report.reason);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    breakDown(event.message);
  };
  const { pgDir, creatingMark, socketPath } = dir;
  send({ type: "start", pgDir, creatingMark, socketPath, heard });
  await started.promise;
  return {
    async stop() {
      send({ type: "stop" });
      await ended.promise;
    },
  };
}

function explainReason(dir: DataDir, reason: string): OperatorError {
  if (isDiskFull(new Error(reason))) return diskFullError(dir.path, new Error(reason));
  return new OperatorError(
    `The database in "${dir.path}" broke down (${reason}): start again; if that does not help, restore a copy of that folder`,
  );
}

/** A socket, or null when nobody listens there. */
function tryToConnect(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.removeAllListeners();
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(null);
      else reject(error);
    });
  });
}

function failingStream(error: Error): Duplex {
  return new Duplex({
    read() {},
    write: (_chunk, _encoding, callback) => callback(error),
  });
}

function removeSocket(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
