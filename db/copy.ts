/** `COPY … FROM STDIN`, as far as this project needs it. */
import type postgres from "postgres";

/** What means something else in COPY's text format. */
const SPECIAL = /[\\\t\n\r]/g;
const ESCAPED: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Sends rows to a `copy … from stdin` that is not under way yet; null is NULL. Fulfilled when the server
 * has stored them, rejected with its error otherwise.
 */
export async function copyIn(
  copy: postgres.PendingQuery<postgres.Row[]>,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const stream = await copy.writable();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // postgres.js takes the query as done once its stream is there: an error that the server finds in
  // the rows would be lost, and the end of the stream waited for without end.
  Object.assign(copy, { reject });
  stream.once("error", reject);
  stream.end(copyText(rows), () => resolve());
  await promise;
}

/** COPY's text format: a line per row, tabs between the values. */
export function copyText(rows: readonly (readonly (string | null)[])[]): string {
  let text = "";
  for (const row of rows) text += row.map(copyValue).join("\t") + "\n";
  return text;
}

function copyValue(value: string | null): string {
  if (value === null) return "\\N";
  return value.search(SPECIAL) < 0 ? value : value.replace(SPECIAL, (found) => ESCAPED[found]!);
}
