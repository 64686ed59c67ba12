/// <reference lib="deno.worker" />
/** The worker thread that holds PGlite and serves it on a Unix socket; started by `embedded.ts`. */
import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { SharedSession } from "./embedded_session.ts";
import { startupMessage } from "./wire.ts";

/** To the worker. */
export type HostCommand =
  | {
    type: "start";
    pgDir: string;
    creatingMark: string;
    socketPath: string;
    /** Its one number becomes 1 when the other side knows of the crash. */
    heard: Int32Array<SharedArrayBuffer>;
  }
  | { type: "stop" };

/** From the worker. `reason` is PostgreSQL's own line where it said one. */
export type HostReport =
  | { type: "ready" }
  | { type: "failed" | "crashed"; reason: string }
  | { type: "stopped" };

const IDLE_IN_TRANSACTION_MS = 60_000;
/** How long the report of a crash may wait for a thread that is busy. */
const HEARD_LIMIT_MS = 10_000;

const START_PARAMS = [
  ...PGlite.defaultStartParams,
  // Nothing checkpoints by time here: this bounds what a start after kill -9 replays, and the disk used.
  ...["-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB"],
];

const SEVERE_LINE = /^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] (?:FATAL|PANIC): {2}(.*)$/;

const report = (message: HostReport) => self.postMessage(message);

let isServing = false;
let severeReason: string | null = null;
let heard = new Int32Array(new SharedArrayBuffer(4));
let stop: () => Promise<void> = () => Promise.resolve();

self.onmessage = async ({ data: command }: MessageEvent<HostCommand>) => {
  if (command.type === "stop") {
    await stop();
    return report({ type: "stopped" });
  }
  try {
    stop = await serve(command);
    report({ type: "ready" });
  } catch (error) {
    report({ type: "failed", reason: severeReason ?? reasonOf(error) });
  }
};

async function serve(
  { pgDir, creatingMark, socketPath, heard: mark }: Extract<HostCommand, { type: "start" }>,
): Promise<() => Promise<void>> {
  heard = mark;
  const db = await openPglite(pgDir, creatingMark);
  const execute = (messages: Buffer) => executeOn(db, messages);
  const session = new SharedSession({
    execute,
    greeting: Buffer.from(db.execProtocolRawSync(startupMessage())),
    idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    session.accept(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  isServing = true;
  return async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
    await db.close();
  };
}

/** Opens the cluster, or makes it; one whose making was interrupted is made anew. */
async function openPglite(pgDir: string, creatingMark: string): Promise<PGlite> {
  if (await exists(creatingMark)) {
    await Deno.remove(pgDir, { recursive: true }).catch(ignoreMissing);
  }
  const isNew = !await exists(`${pgDir}/PG_VERSION`);
  await Deno.mkdir(pgDir, { recursive: true, mode: 0o700 });
  if (isNew) await Deno.writeTextFile(creatingMark, "");
  const db = await PGlite.create({
    dataDir: pgDir,
    startParams: START_PARAMS,
    onStderr: (line) => {
      severeReason = SEVERE_LINE.exec(line)?.[1] ?? severeReason;
      if (isServing && (severeReason !== null || line.startsWith("Aborted("))) die(line);
      return false;
    },
  });
  if (isNew) await Deno.remove(creatingMark);
  return db;
}

/**
 * PGlite goes on after a FATAL or PANIC as if nothing had happened: it hangs, or writes what a crashed
 * server never would. So this thread ends here, inside that line; the files are then as after a kill,
 * and the next start recovers them.
 */
function die(line: string): never {
  report({ type: "crashed", reason: severeReason ?? line });
  // The clients lose their connections with this thread: by then the reason must be known, and the way
  // to its socket be gone, or the next query would still find it.
  Atomics.wait(heard, 0, 0, HEARD_LIMIT_MS);
  // Ends the thread where it stands; terminate() from outside would wait for the WebAssembly call.
  self.close();
  for (;;);
}

function executeOn(db: PGlite, messages: Buffer): Buffer {
  const chunks: Uint8Array[] = [];
  try {
    // It runs to the end before it returns; the promise is only for file systems that sync later.
    db.execProtocolRawStream(messages, { onRawData: (bytes) => chunks.push(bytes.slice()) })
      .catch((error) => die(reasonOf(error)));
  } catch (error) {
    die(reasonOf(error));
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  // Emscripten's file-system errors have a number and no message; 51 is WASI's "no space left".
  if (typeof error === "object" && error !== null && "errno" in error && error.errno === 51) {
    return "No space left on device";
  }
  return error instanceof Error ? error.message : String(error);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
