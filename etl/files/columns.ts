/** Which column of a CSV file holds what: recognised by the header, or named by hand. Pure. */
import { OperatorError } from "../../market/errors.ts";

/** What a column can hold. `time` is the time of day where `datetime` is a date alone. */
export const FIELDS = [
  "datetime",
  "time",
  "open",
  "high",
  "low",
  "close",
  "volume",
  "symbol",
  "interval",
  "source",
  "is_final",
  "kind",
  "name",
  "exchange",
  "mic_code",
  "currency",
  "currency_base",
  "currency_quote",
  "exchange_timezone",
] as const;
export type Field = typeof FIELDS[number];

/** The position of each column that the file has, from 0. */
export type Columns = Partial<Record<Field, number>> & Record<RequiredField, number>;

/** The column that the operator names for a field; an empty name leaves the field out. */
export type NamedColumns = Partial<Record<Field, string>>;

const REQUIRED = ["datetime", "open", "high", "low", "close"] as const;
type RequiredField = typeof REQUIRED[number];

/** What files call the columns, in small letters and without `<>`, the surest name first. */
const NAMES: Record<Field, string[]> = {
  datetime: ["opened_at", "datetime", "timestamp", "date", "time"],
  time: ["time"],
  open: ["open"],
  high: ["high"],
  low: ["low"],
  close: ["close"],
  volume: ["volume", "vol"],
  symbol: ["symbol", "ticker"],
  interval: ["interval", "per"],
  source: ["source"],
  is_final: ["is_final"],
  kind: ["kind"],
  name: ["name"],
  exchange: ["exchange"],
  mic_code: ["mic_code"],
  currency: ["currency"],
  currency_base: ["currency_base"],
  currency_quote: ["currency_quote"],
  exchange_timezone: ["exchange_timezone"],
};

/** Our own export: there alone these columns mean what we mean by them. */
const OWN_MARK = "opened_at";
const OWN_FIELDS: readonly Field[] = [
  "source",
  "is_final",
  "kind",
  "name",
  "exchange",
  "mic_code",
  "currency",
  "currency_base",
  "currency_quote",
  "exchange_timezone",
];

/**
 * Finds the columns of a header: our own export, Twelve Data, Yahoo, Stooq, and what names its columns
 * alike; `named` wins. A column that is not ours (`Adj Close`, `<OPENINT>`) is left alone.
 *
 * @throws {OperatorError} when a column that every candle needs is not there; the line has those that are.
 */
export function recogniseColumns(header: string[], named: NamedColumns, name: string): Columns {
  const plain = header.map((column) => column.toLowerCase().replace(/^<(.*)>$/, "$1"));
  const isOwn = plain.includes(OWN_MARK);
  const columns: Partial<Record<Field, number>> = {};
  for (const field of FIELDS) {
    const asked = named[field];
    const position = asked === undefined
      ? OWN_FIELDS.includes(field) && !isOwn ? undefined : find(plain, NAMES[field])
      : asked === ""
      ? undefined
      : positionOf(header, field, asked, name);
    if (position !== undefined) columns[field] = position;
  }
  // A time is a part of its own only beside a date.
  const isDate = columns.datetime !== undefined && plain[columns.datetime] === "date";
  if (named.time === undefined && !isDate) delete columns.time;
  const missing = REQUIRED.filter((field) => columns[field] === undefined);
  if (missing.length === 0) return columns as Columns;
  const field = missing[0]!;
  throw new OperatorError(
    `Cannot understand ${name} as no column of line 1 is its ${missing.join(", ")}: it has ${
      header.join(", ").slice(0, 200)
    }; name the column with --columns ${field}=NAME`,
  );
}

function find(header: string[], names: string[]): number | undefined {
  for (const name of names) {
    const position = header.indexOf(name);
    if (position >= 0) return position;
  }
}

function positionOf(header: string[], field: Field, asked: string, name: string): number {
  const position = header.indexOf(asked);
  if (position >= 0) return position;
  throw new OperatorError(
    `Cannot take ${field} of ${name} from column "${asked}" as line 1 has no such column: it has ${
      header.join(", ").slice(0, 200)
    }`,
  );
}

/**
 * Reads `datetime=Date,close=Close`.
 * @throws {OperatorError} when a field is not one of ours.
 */
export function parseNamedColumns(text: string): NamedColumns {
  const named: NamedColumns = {};
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const field = FIELDS.find((field) => field === part.slice(0, equals).trim());
    if (equals < 0 || field === undefined) {
      throw new OperatorError(
        `Cannot take --columns as each part must be FIELD=COLUMN with one of ${
          FIELDS.join(", ")
        }: current value is ${part}`,
      );
    }
    named[field] = part.slice(equals + 1).trim();
  }
  return named;
}
