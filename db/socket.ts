/** The way to a server: a socket that does not wait to send. */
import { connect, type Socket } from "node:net";

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
  // For TLS, which has to know whom it talks to.
  return Object.assign(socket, { host, port });
}
