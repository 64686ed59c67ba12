/**
 * Asks one address over many connections as fast as it answers. It reads no more of an answer than it
 * must, so that what is measured is the server: a general client spends more on a page than the site.
 */
import { percentile } from "./measure.ts";

export interface Load {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const CONNECTIONS = 50;
/** An answer that takes this long never comes. */
const PATIENCE_MS = 10_000;
const END_OF_HEAD = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";
/** No head of ours is longer. */
const LONGEST_HEAD = 2048;

/**
 * Asks `address` for `durationMs` over {@linkcode CONNECTIONS} connections that stay open.
 * @throws when any answer is not 200, or takes longer than {@linkcode PATIENCE_MS}.
 */
export async function loadAddress(address: string, durationMs: number): Promise<Load> {
  const { hostname, port, host, pathname, search } = new URL(address);
  const request = new TextEncoder().encode(
    [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      "Accept-Encoding: gzip",
      END_OF_HEAD,
    ].join("\r\n").slice(0, -2),
  );
  const begin = performance.now();
  const times: number[] = [];
  const open: Deno.TcpConn[] = [];
  // Closing one twice throws, which would hide why the measurement failed.
  const closeAll = () => open.splice(0).forEach((connection) => connection.close());
  const patience = setTimeout(closeAll, durationMs + PATIENCE_MS);

  async function askAgainAndAgain(): Promise<void> {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    open.push(connection);
    const buffer = new Uint8Array(64 * 1024);
    while (performance.now() - begin < durationMs) {
      const asked = performance.now();
      await connection.write(request);
      await readAnswer(connection, buffer, address);
      times.push(performance.now() - asked);
    }
  }
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, askAgainAndAgain));
  } finally {
    clearTimeout(patience);
    closeAll();
  }
  return {
    requestsPerSecond: times.length / ((performance.now() - begin) / 1000),
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
  };
}

async function readAnswer(
  connection: Deno.TcpConn,
  buffer: Uint8Array<ArrayBuffer>,
  address: string,
): Promise<void> {
  let head = "";
  let length = 0;
  let headLength = -1;
  while (headLength < 0) {
    const count = await readSome(connection, buffer, address);
    length += count;
    head += textOf(buffer.subarray(0, Math.min(count, LONGEST_HEAD)));
    headLength = head.indexOf(END_OF_HEAD);
    if (head.length >= LONGEST_HEAD) break;
  }
  if (!head.startsWith("HTTP/1.1 200 ")) {
    throw new Error(`Cannot measure ${address} as it answers ${head.slice(0, 100)}`);
  }
  const stated = /^content-length: (\d+)\r$/im.exec(head)?.[1];
  if (stated !== undefined) {
    const whole = headLength + END_OF_HEAD.length + Number(stated);
    while (length < whole) length += await readSome(connection, buffer, address);
    return;
  }
  let end = head.slice(-LAST_CHUNK.length);
  while (end !== LAST_CHUNK) {
    const count = await readSome(connection, buffer, address);
    end = (end + textOf(buffer.subarray(Math.max(0, count - LAST_CHUNK.length), count)))
      .slice(-LAST_CHUNK.length);
  }
}

async function readSome(
  connection: Deno.TcpConn,
  buffer: Uint8Array<ArrayBuffer>,
  address: string,
): Promise<number> {
  const count = await connection.read(buffer);
  if (count === null) throw new Error(`Cannot measure ${address} as it hangs up`);
  return count;
}

const LATIN1 = new TextDecoder("latin1");
const textOf = (bytes: Uint8Array) => LATIN1.decode(bytes);
