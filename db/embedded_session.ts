/**
 * Shares PGlite's one PostgreSQL session between connections: each batch runs alone, and while a
 * connection is in a transaction or in the middle of a batch nobody else's runs.
 *
 * `@electric-sql/pglite-socket` queues single messages instead, so that a Bind of one connection can
 * meet the Parse or the failed batch of another.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import {
  type Batch,
  closeStatementMessage,
  fatalMessage,
  message,
  queryMessage,
  type Request,
  RequestCutter,
  SYNC,
} from "./wire.ts";

/** Runs messages and answers what PostgreSQL answers; never called twice at once. */
export type Execute = (messages: Buffer) => Buffer;

export interface SessionOptions {
  execute: Execute;
  /** What PostgreSQL says to a client that has just connected, up to its first ReadyForQuery. */
  greeting: Buffer;
  /** How long a connection may keep a transaction open and silent while others wait, in ms. */
  idleInTransactionMs: number;
}

/** A connection that sends faster than its batches run is not read beyond this. */
const QUEUED_BYTES_LIMIT = 4 * 2 ** 20;

// PGlite reads only what it is handed: without this, `COPY … FROM STDIN` meets the end of its input and
// takes the session down. Outside of a COPY, PostgreSQL ignores the message.
const COPY_REFUSAL = message("f", "the embedded database cannot COPY from a client\0");

export class SharedSession {
  readonly #options: SessionOptions;
  readonly #waiting = new Set<Connection>();
  /** Who is in a transaction or a batch; only its requests run. */
  #owner: Connection | null = null;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Serves one client until it goes. */
  accept(socket: Socket): void {
    const connection = new Connection(socket, this.#options.greeting, () => {
      this.#waiting.add(connection);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // One batch per turn of the event loop: answers leave and other clients are heard in between.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#runNext();
    });
  }

  #runNext(): void {
    const connection = this.#nextConnection();
    if (!connection) return;
    this.#waiting.delete(connection);
    const batch = connection.takeBatch();
    if (batch) {
      const answer = this.#options.execute(withCopyRefusal(batch));
      // A complete batch ends with ReadyForQuery, whose last byte says whether a transaction is open.
      const isFree = batch.isComplete && answer.at(-1) === 0x49 /* I */;
      this.#setOwner(isFree ? null : connection);
      connection.send(answer, batch.prepares);
    } else if (connection.hasEnded) {
      const cleanup = connection.cleanup(this.#owner === connection);
      if (cleanup) this.#options.execute(cleanup);
      this.#setOwner(this.#owner === connection ? null : this.#owner);
    }
    if (connection.isReady) this.#waiting.add(connection);
    if (this.#waiting.size > 0) this.#schedule();
  }

  #nextConnection(): Connection | undefined {
    const owner = this.#owner;
    if (!owner) return this.#waiting.values().next().value;
    return this.#waiting.has(owner) ? owner : undefined;
  }

  #setOwner(owner: Connection | null): void {
    this.#owner = owner;
    clearTimeout(this.#idleTimer);
    if (!owner || owner.isReady) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#waiting.size === 0) return this.#setOwner(owner);
      owner.fail("25P03", "terminating connection: its transaction was idle while others waited");
    }, this.#options.idleInTransactionMs);
  }
}

/** One client: its requests in order, its answers, and what it leaves behind. */
class Connection {
  readonly #socket: Socket;
  readonly #cutter = new RequestCutter();
  readonly #batches: Batch[] = [];
  readonly #statements = new Set<string>();
  #queuedBytes = 0;
  #isBlocked = false;
  #isTerminating = false;
  hasEnded = false;

  constructor(socket: Socket, greeting: Buffer, onReady: () => void) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const request of this.#cutter.push(chunk)) this.#handle(request, greeting);
      } catch (error) {
        this.fail("08P01", error instanceof Error ? error.message : String(error));
      }
      if (this.isReady) onReady();
    });
    socket.on("drain", () => {
      this.#isBlocked = false;
      if (this.isReady) onReady();
    });
    socket.on("error", () => {/* "close" follows */});
    socket.on("close", () => {
      this.hasEnded = true;
      this.#batches.length = 0;
      onReady();
    });
  }

  /** Whether it has something to run; a client that does not read its answers waits. */
  get isReady(): boolean {
    return this.#batches.length > 0 && !this.#isBlocked && !this.hasEnded;
  }

  takeBatch(): Batch | undefined {
    const batch = this.#batches.shift();
    if (!batch) return undefined;
    this.#queuedBytes -= batch.bytes.length;
    if (this.#queuedBytes < QUEUED_BYTES_LIMIT && this.#socket.isPaused()) this.#socket.resume();
    return batch;
  }

  send(answer: Buffer, prepared: string[]): void {
    for (const name of prepared) this.#statements.add(name);
    if (this.hasEnded) return;
    this.#isBlocked = !this.#socket.write(answer);
    if (this.#isTerminating && this.#batches.length === 0) this.#socket.end();
  }

  fail(code: string, text: string): void {
    this.#batches.length = 0;
    this.#socket.end(fatalMessage(code, text));
    this.#socket.destroySoon();
  }

  /** The messages that undo what a connection leaves in the session; null when there is nothing. */
  cleanup(isOwner: boolean): Buffer | null {
    const messages = [...this.#statements].map(closeStatementMessage);
    this.#statements.clear();
    if (isOwner) messages.unshift(SYNC, queryMessage("ROLLBACK"));
    return messages.length === 0 ? null : Buffer.concat([...messages, SYNC]);
  }

  #handle(request: Request, greeting: Buffer): void {
    switch (request.kind) {
      case "startup":
        return void this.#socket.write(greeting);
      case "encryption":
        return void this.#socket.write("N");
      case "cancel":
        return void this.#socket.end();
      case "terminate":
        this.#isTerminating = true;
        if (this.#batches.length === 0) this.#socket.end();
        return;
      case "batch":
        this.#batches.push(request);
        this.#queuedBytes += request.bytes.length;
        if (this.#queuedBytes >= QUEUED_BYTES_LIMIT) this.#socket.pause();
    }
  }
}

function withCopyRefusal({ bytes }: Batch): Buffer {
  if (bytes[0] === 0x51 /* Q */) return Buffer.concat([bytes, COPY_REFUSAL]);
  // Before the Sync or Flush at its end, which a COPY would skip over.
  const end = bytes.length - SYNC.length;
  return Buffer.concat([bytes.subarray(0, end), COPY_REFUSAL, bytes.subarray(end)]);
}
