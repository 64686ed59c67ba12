/** The records of a CSV file as a stream: each with its line, whatever the separator and the line ends. */
import { parse } from "csv-parse/stream";
import { OperatorError } from "../../market/errors.ts";

export interface CsvRecord {
  /** The line of the file on which the record ends, from 1. */
  line: number;
  /** The values, without the space around them. */
  fields: string[];
}

/** A row of candles has some 100 bytes: what is longer is a quote that does not close. */
const LONGEST_RECORD = 64 * 1024;
const SEPARATORS = [",", ";", "\t", "|"];

/**
 * Reads the records, the header first. No more of the file is in memory than what is being read.
 *
 * @param name what error messages call the file
 *
 * @throws {OperatorError} when it is empty, not UTF-8 text, or a quote in it never closes.
 */
export async function* readCsvRecords(
  bytes: ReadableStream<Uint8Array>,
  name: string,
): AsyncGenerator<CsvRecord> {
  const { firstLine, stream } = await peekFirstLine(bytes, name);
  const parser = parse({
    bom: true,
    delimiter: separatorOf(firstLine),
    info: true,
    max_record_size: LONGEST_RECORD,
    record_delimiter: ["\r\n", "\n", "\r"],
    // What is odd in one row is that row's matter, and found when its values are read.
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const records: AsyncIterable<{ record: string[]; info: { lines: number } }> = stream
    .pipeThrough({ readable: parser.readable, writable: oneAtATime(parser.writable) });
  let line = 0;
  try {
    for await (const { record, info } of records) {
      line = info.lines;
      yield { line, fields: record.map((field) => field.trim()) };
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "CSV_QUOTE_NOT_CLOSED" && code !== "CSV_MAX_RECORD_SIZE") throw error;
    throw new OperatorError(
      `Cannot read ${name} as a quote that opens after line ${line} does not close: mend it there and do it again`,
      { cause: error },
    );
  }
}

/** Takes a chunk when the one before is worked off: the parser itself would let a thousand wait. */
function oneAtATime(target: WritableStream<Uint8Array>): WritableStream<Uint8Array> {
  const writer = target.getWriter();
  return new WritableStream({
    // A reader that stops ends the parser, and so the file must be let go of.
    start: (controller) => void writer.closed.catch((error) => controller.error(error)),
    write: (chunk) => writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
}

/** The separator that splits the header into most columns; a comma when none does. */
function separatorOf(header: string): string {
  const counts = SEPARATORS.map((separator) => header.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}

/** The first line as text, and a stream that still begins with it. */
async function peekFirstLine(
  bytes: ReadableStream<Uint8Array>,
  name: string,
): Promise<{ firstLine: string; stream: ReadableStream<Uint8Array> }> {
  const reader = bytes.getReader();
  let head = new Uint8Array();
  let lineEnd = -1;
  while (lineEnd < 0 && head.length < LONGEST_RECORD) {
    const { value, done } = await reader.read();
    if (done) break;
    head = concat(head, value);
    lineEnd = head.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  }
  const firstLine = decode(head.subarray(0, lineEnd < 0 ? head.length : lineEnd));
  if (firstLine === null) {
    await reader.cancel();
    throw new OperatorError(
      `Cannot read ${name} as its first line is not UTF-8 text: save it as CSV in UTF-8`,
    );
  }
  if (head.length === 0) throw new OperatorError(`Cannot read ${name} as it is empty`);
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(head),
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { firstLine, stream };
}

function decode(line: Uint8Array): string | null {
  // Text in UTF-16 and most binary files have a zero byte soon.
  if (line.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(line);
  } catch {
    return null;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
