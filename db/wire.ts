/** The client's half of PostgreSQL's wire protocol, cut where one execution may begin and end. */
import { Buffer } from "node:buffer";

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const LARGEST_MESSAGE_BYTES = 2 ** 28;

/** What a client asks for next. */
export type Request =
  | { kind: "startup" | "encryption" | "cancel" | "terminate" }
  | Batch;

/** Messages up to a Sync, a Flush or a simple query: the least that may run without others between. */
export interface Batch {
  kind: "batch";
  bytes: Buffer;
  /** False when it ends with a Flush: the client goes on with the same batch, nobody else may. */
  isComplete: boolean;
  /** Named prepared statements that it makes. */
  prepares: string[];
}

/** Cuts the bytes of one connection into requests, however they were split on their way. */
export class RequestCutter {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the batch at the front of `#bytes` is known to reach. */
  #batchEnd = 0;
  #prepares: string[] = [];
  #hasStarted = false;

  /** @throws {RangeError} when a message has an impossible length: the connection is lost then. */
  push(chunk: Buffer): Request[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const requests: Request[] = [];
    for (let request = this.#next(); request; request = this.#next()) requests.push(request);
    return requests;
  }

  #next(): Request | null {
    if (!this.#hasStarted) return this.#nextUntyped();
    while (this.#bytes.length >= this.#batchEnd + 5) {
      const start = this.#batchEnd;
      const end = start + 1 + this.#messageLength(start + 1, 4);
      if (this.#bytes.length < end) return null;
      const type = String.fromCharCode(this.#bytes[start]!);
      if (type === "X") {
        this.#take(end);
        return { kind: "terminate" };
      }
      if (type === "P") {
        const name = this.#bytes.toString("utf8", start + 5, this.#bytes.indexOf(0, start + 5));
        if (name !== "") this.#prepares.push(name);
      }
      this.#batchEnd = end;
      if (type === "S" || type === "H" || type === "Q" || type === "F") {
        const prepares = this.#prepares;
        return { kind: "batch", bytes: this.#take(end), isComplete: type !== "H", prepares };
      }
    }
    return null;
  }

  /** The messages that open a connection carry no type. */
  #nextUntyped(): Request | null {
    if (this.#bytes.length < 8) return null;
    const length = this.#messageLength(0, 8);
    if (this.#bytes.length < length) return null;
    const code = this.#take(length).readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: "encryption" };
    if (code === CANCEL_REQUEST) return { kind: "cancel" };
    this.#hasStarted = true;
    return { kind: "startup" };
  }

  #take(end: number): Buffer {
    const taken = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end);
    this.#batchEnd = 0;
    this.#prepares = [];
    return taken;
  }

  #messageLength(at: number, least: number): number {
    const length = this.#bytes.readInt32BE(at);
    if (length < least || length > LARGEST_MESSAGE_BYTES) {
      throw new RangeError(`Cannot read a message as its length is impossible: ${length} bytes`);
    }
    return length;
  }
}

/** One message with its type and length in front; a body text ends with a zero byte of its own. */
export function message(type: string, ...body: string[]): Buffer {
  const bytes = Buffer.from(body.join(""), "utf8");
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

export const SYNC = message("S");

export function queryMessage(sql: string): Buffer {
  return message("Q", sql, "\0");
}

/** Ends the life of a prepared statement. */
export function closeStatementMessage(name: string): Buffer {
  return message("C", "S", name, "\0");
}

/** The last words to a client, in the shape of a server's own error. */
export function fatalMessage(code: string, text: string): Buffer {
  return message("E", `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
}

/** A startup message for the one user and database that an embedded cluster has. */
export function startupMessage(): Buffer {
  const body = Buffer.from("user\0postgres\0database\0postgres\0\0", "latin1");
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, body]);
}
