/** The way to a server: a socket that does not wait to send. */
import { connect, type Socket } from "node:net";
import { setImmediate } from "node:timers";

/** What postgres.js hands over of its options. */
interface Address {
  host: string[];
  port: number[];
  /** Of a Unix socket; false for TCP. */
  path: string | false;
}

/**
 * A socket on its way to the server, for the option `socket` of postgres.js; what is written is sent once
 * it is there. By itself postgres.js leaves Nagle's algorithm on: it holds the end of each COPY back until
 * the server has acknowledged what came before, and that waits for more, 40 ms each time.
 */
export function openSocket(
  { host: [host = "localhost"], port: [port = 5432], path }: Address,
): Socket {
  const socket = path ? connect(path) : connect(port, host);
  socket.setNoDelay(true);
  closeLast(socket);
  // For TLS, which has to know whom it talks to.
  return Object.assign(socket, { host, port });
}

/**
 * Tells of the close only after what was to be written at that moment. postgres.js answers the error with
 * which a server ends a session, a turn of the event loop later: over a socket that it has forgotten by
 * then, which ends the process, or with the next connection, which then waits for ever.
 */
function closeLast(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (name: string, ...args: unknown[]) => boolean;
  socket.emit = (name: string, ...args: unknown[]) => {
    if (name !== "close") return emit(name, ...args);
    setImmediate(() => setImmediate(() => emit(name, ...args)));
    return true;
  };
}
