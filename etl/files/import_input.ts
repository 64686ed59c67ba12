/** What an import is told, and the rows that its file then has. */
import { OperatorError } from "../../market/errors.ts";
import type { InstrumentKind, Source } from "../../market/instrument.ts";
import type { Interval } from "../../market/interval.ts";
import { type Columns, type NamedColumns, recogniseColumns } from "./columns.ts";
import { readCsvRecords } from "./csv_records.ts";
import { type ParsedRecord, parseRecord, type RowDefaults } from "./rows.ts";

export interface ImportInput {
  /** What messages call the file. */
  name: string;
  bytes: ReadableStream<Uint8Array>;
  source: Source;
  /** The instrument of a file without a column for it, else those to take; empty for all. */
  symbols: string[];
  /** The interval of a file without a column for it, else the one to take; null for all. */
  interval: Interval | null;
  /** What a new instrument is, when no other source lists it. */
  kind: InstrumentKind | null;
  /** IANA name of the zone in which times without an offset are told. */
  timezone: string;
  columns: NamedColumns;
  /** Nothing is written; the report says what would be. */
  isDryRun: boolean;
}

/**
 * The rows of the file, once its header is understood.
 * @throws {OperatorError} when it is not, or what the file leaves open was not said.
 */
export async function* readRecords(input: ImportInput): AsyncGenerator<ParsedRecord> {
  const { name } = input;
  const records = readCsvRecords(input.bytes, name);
  const first = await records.next();
  const header: string[] = first.done ? [] : first.value.fields;
  const columns = recogniseColumns(header, input.columns, name);
  const defaults = defaultsOf(input, columns);
  for await (const record of records) yield parseRecord(record, columns, header.length, defaults);
}

/** What the columns leave open must have been said. */
function defaultsOf(input: ImportInput, columns: Columns): RowDefaults {
  const { name, symbols, interval, source, timezone } = input;
  if (columns.symbol === undefined && symbols.length !== 1) {
    throw new OperatorError(
      `Cannot import ${name} as it has no column for the symbol: name its one instrument with --symbol`,
    );
  }
  if (columns.interval === undefined && interval === null) {
    throw new OperatorError(
      `Cannot import ${name} as it has no column for the interval: name it with --interval`,
    );
  }
  if (columns.source === undefined && source !== "import") {
    throw new OperatorError(
      `Cannot import ${name} as source ${source}: only an export of that source may be restored, and this file does not say where it is from; leave --source out`,
    );
  }
  return { symbol: symbols[0] ?? null, interval, timezone };
}
