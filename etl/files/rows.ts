/** Records of a CSV file to rows of candles: each names its series, and is whole or says why not. Pure. */
import { Decimal } from "../../market/candle.ts";
import { Source, Symbol } from "../../market/instrument.ts";
import { Interval, isDateInterval } from "../../market/interval.ts";
import type { Reject, WireRow } from "../provider.ts";
import type { Columns, Field } from "./columns.ts";
import type { CsvRecord } from "./csv_records.ts";
import { type WrittenListing, writtenListing } from "./listing.ts";
import { parseFileTime } from "./times.ts";

/** What the operator says of all rows of a file. */
export interface RowDefaults {
  /** The instrument of a file without a column for it; null when it was not named. */
  symbol: string | null;
  interval: Interval | null;
  /** IANA name of the zone in which times without an offset are told. */
  timezone: string;
}

/** A good row with the line that it came from, which stays with it when a later rule rejects it. */
export interface FileRow extends WireRow {
  line: number;
}

/** What one record says. A `stray` does not even say which series it belongs to. */
export type ParsedRecord =
  | { kind: "stray"; line: number; reason: string }
  | { kind: "row"; series: SeriesName; line: number; row: FileRow; isFinal: boolean | null }
  | { kind: "reject"; series: SeriesName; line: number; reject: Reject };

export interface SeriesName {
  symbol: string;
  interval: Interval;
  /** Where the row says that it comes from; null when the file does not say it. */
  source: Source | null;
  /** What the row says of the instrument; null when the file does not say it. */
  listing: WrittenListing | null;
}

/** Stooq counts minutes, and has letters for longer ones. */
const PERIODS: Record<string, Interval> = {
  "1": "1min",
  "5": "5min",
  "15": "15min",
  "30": "30min",
  "60": "1h",
  "120": "2h",
  "240": "4h",
  d: "1day",
  w: "1week",
  m: "1month",
};

export function parseRecord(
  { line, fields }: CsvRecord,
  columns: Columns,
  columnCount: number,
  defaults: RowDefaults,
): ParsedRecord {
  const value = (field: Field): string | undefined => {
    const position = columns[field];
    return position === undefined ? undefined : fields[position];
  };
  const series = seriesOf(value, defaults);
  if (typeof series === "string") return { kind: "stray", line, reason: series };
  const date = value("datetime") ?? "";
  const text = columns.time === undefined ? date : `${date} ${value("time") ?? ""}`.trim();
  const openedAt = parseFileTime(text, series.interval, defaults.timezone);
  const row: FileRow = {
    datetime: openedAt instanceof Date ? wireTime(openedAt, series.interval) : text,
    open: value("open") ?? "",
    high: value("high") ?? "",
    low: value("low") ?? "",
    close: value("close") ?? "",
    volume: value("volume") || null,
    line,
  };
  const finality = value("is_final");
  const reason = typeof openedAt === "string"
    ? `datetime ${openedAt}: current value is ${quote(text)}`
    : brokenShape(fields, columnCount) ?? brokenNumber(row) ?? brokenFinality(finality);
  if (reason !== null) {
    const reject = { reason, payload: row, openedAt: openedAt instanceof Date ? openedAt : null };
    return { kind: "reject", series, line, reject };
  }
  const isFinal = finality === undefined ? null : isYes(finality);
  return { kind: "row", series, line, row, isFinal };
}

/** The series of a record, or why it names none. */
function seriesOf(
  value: (field: Field) => string | undefined,
  defaults: RowDefaults,
): SeriesName | string {
  const symbol = Symbol.safeParse(value("symbol") ?? defaults.symbol);
  if (!symbol.success) {
    return `symbol must be one such as AAPL: current value is ${quote(value("symbol"))}`;
  }
  const written = value("interval");
  const interval = written === undefined
    ? defaults.interval
    : PERIODS[written.toLowerCase()] ?? Interval.safeParse(written).data ?? null;
  if (interval === null) return `interval must be known: current value is ${quote(written)}`;
  const writtenSource = value("source");
  const source = writtenSource === undefined ? null : Source.safeParse(writtenSource).data;
  if (source === undefined) return `source must be known: current value is ${quote(writtenSource)}`;
  return { symbol: symbol.data, interval, source, listing: writtenListing(value) };
}

/** More values than columns: a decimal comma, or two rows in one. An empty one is a separator at the end. */
function brokenShape(fields: string[], columnCount: number): string | null {
  const isTooLong = fields.slice(columnCount).some((field) => field !== "");
  return isTooLong
    ? `row must have as many values as the header: it has ${fields.length}, not ${columnCount}`
    : null;
}

function brokenNumber(row: FileRow): string | null {
  for (const field of ["open", "high", "low", "close", "volume"] as const) {
    const value = row[field];
    if (value === null || Decimal.safeParse(value).success) continue;
    return `${field} must be a decimal number: current value is ${quote(value)}`;
  }
  return null;
}

function brokenFinality(text: string | undefined): string | null {
  const isKnown = text === undefined || isYes(text) || /^(false|f)$/i.test(text);
  return isKnown ? null : `is_final must be true or false: current value is ${quote(text)}`;
}

function isYes(text: string): boolean {
  return /^(true|t)$/i.test(text);
}

/** The time as a row has it: `YYYY-MM-DD HH:MM:SS`, or `YYYY-MM-DD` for a day or longer. */
export function wireTime(at: Date, interval: Interval): string {
  const text = at.toISOString();
  return isDateInterval(interval)
    ? text.slice(0, 10)
    : `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

function quote(value: string | undefined): string {
  return value ? JSON.stringify(value.slice(0, 100)) : "missing";
}
