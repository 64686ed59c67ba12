/** `COPY … FROM STDIN`, as far as this project needs it. */
import type { Writable } from "node:stream";
import type postgres from "postgres";

/** What means something else in COPY's text format. */
const SPECIAL = /[\\\t\n\r]/;
const ESCAPED: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** So many at a time: the server reads some while the next are written. */
const CHUNK_ROWS = 500;

/**
 * Sends rows to a `copy … from stdin` that is not under way yet; null is NULL. Fulfilled when the server
 * has stored them, rejected with its error otherwise.
 */
export async function copyIn<T>(
  copy: postgres.PendingQuery<postgres.Row[]>,
  rows: readonly T[],
  valuesOf: (row: T) => (string | null)[],
): Promise<void> {
  const stream = await copy.writable();
  const { promise: end, resolve, reject } = Promise.withResolvers<void>();
  // postgres.js takes the query as done once its stream is there: an error that the server finds in
  // the rows would be lost, and the end of the stream waited for without end.
  Object.assign(copy, { reject });
  ignoreLostSocket(stream);
  stream.once("error", reject);
  try {
    // The server's error may have come together with its leave to begin.
    if (stream.errored) throw stream.errored;
    for (let at = 0; at < rows.length; at += CHUNK_ROWS) {
      const text = copyText(rows.slice(at, at + CHUNK_ROWS).map(valuesOf));
      await Promise.race([end, new Promise((done) => stream.write(text, done))]);
    }
    stream.end((error?: Error | null) => error ? reject(error) : resolve());
    await end;
  } catch (error) {
    // A copy that is left open holds its connection, transaction and locks for ever.
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    await end.catch(() => {});
    throw error;
  }
}

/** postgres.js tells the server that the copy failed, even when the connection to it is what was lost. */
function ignoreLostSocket(stream: Writable): void {
  const destroy = stream._destroy;
  stream._destroy = (error, done) => {
    try {
      destroy.call(stream, error, done);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
    }
  };
}

/** COPY's text format: a line per row, tabs between the values. */
export function copyText(rows: readonly (readonly (string | null)[])[]): string {
  let text = "";
  for (const row of rows) {
    // Numbers and times, which nearly all are, have nothing to escape: one look at the row is enough.
    const isPlain = !SPECIAL.test(row.join(""));
    for (let at = 0; at < row.length; at++) {
      const value = row[at] ?? null;
      text += (at === 0 ? "" : "\t") + (value === null ? "\\N" : isPlain ? value : escape(value));
    }
    text += "\n";
  }
  return text;
}

function escape(value: string): string {
  return value.replaceAll(/[\\\t\n\r]/g, (found) => ESCAPED[found]!);
}
