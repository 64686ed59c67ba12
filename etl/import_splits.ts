/** Splits out of a CSV file of the operator: all of them or, with one wrong row, none. */
import { z } from "zod";
import { getInstrumentBySymbol } from "../db/instruments.ts";
import { type SplitCounts, type StoredSplit, upsertSplits } from "../db/splits.ts";
import { compareDecimals, Decimal } from "../market/candle.ts";
import { OperatorError } from "../market/errors.ts";
import { Symbol } from "../market/instrument.ts";
import { readCsvRecords } from "./files/csv_records.ts";
import { dateOf, type SplitDependencies } from "./splits.ts";

const Factor = z.string("must be a positive decimal number")
  .refine(isFactor, "must be a positive decimal number");

/** `4:1`: 4 new shares for 1 old one. */
const Ratio = z.string().regex(/^[^:]+:[^:]+$/, "must be new to old shares, such as 4:1")
  .transform((text) => text.split(":").map((part) => part.trim()))
  .pipe(z.tuple([Factor, Factor], "must be new to old shares, such as 4:1"));

const COMMON = {
  symbol: Symbol,
  date: z.iso.date("must be a date as YYYY-MM-DD"),
  // PostgreSQL keeps no NUL in text.
  description: z.string().regex(/^[^\0]*$/, "must be text without NUL").optional()
    .transform((text) => text || null),
};
const FactorRow = z.object({ ...COMMON, from_factor: Factor, to_factor: Factor });
const RatioRow = z.object({ ...COMMON, ratio: Ratio }).transform(({ ratio, ...row }) => ({
  ...row,
  from_factor: ratio[0],
  to_factor: ratio[1],
}));

/** One row with the line of the file on which it ends. */
interface ReadRow {
  line: number;
  symbol: string;
  split: Omit<StoredSplit, "instrumentId">;
}

/** A file to import; its name is for messages. */
export interface SplitFile {
  name: string;
  content: ReadableStream<Uint8Array>;
}

/**
 * Stores the splits of a CSV file with the columns symbol, date (the first that trades at the new price),
 * from_factor and to_factor (4 and 1 of a 4-for-1 split) or ratio (`4:1`), and perhaps description. A
 * split that is stored already is overwritten; the same file again changes nothing.
 *
 * @param options.dryRun counts what would change, and changes nothing
 * @throws {OperatorError} with the line and the value of the first wrong row; nothing is stored then.
 */
export async function importSplits(
  deps: SplitDependencies,
  file: SplitFile,
  options: { dryRun?: boolean } = {},
): Promise<SplitCounts> {
  const recordedAt = deps.now();
  const instrumentIds = new Map<string, number>();
  const found = new Map<string, ReadRow>();
  const splits: StoredSplit[] = [];
  for await (const row of readRows(file)) {
    const { line, symbol, split } = row;
    if (split.splitOn > dateOf(recordedAt)) {
      const why = "date must not be in the future, as prices before it are not yet to be adjusted";
      throw wrongRow(file, line, why, split.splitOn);
    }
    const instrumentId = instrumentIds.get(symbol) ??
      (await getInstrumentBySymbol(deps.sql, deps.source, symbol))?.id;
    if (instrumentId === undefined) {
      const why = `symbol must be in the database (deno task etl add ${symbol})`;
      throw wrongRow(file, line, why, symbol);
    }
    instrumentIds.set(symbol, instrumentId);
    const key = `${instrumentId} ${split.splitOn}`;
    const other = found.get(key);
    if (other && !isSameSplit(other.split, split)) {
      const why = `it must not contradict line ${other.line} of the same symbol and date`;
      throw wrongRow(file, line, why, `${split.fromFactor}:${split.toFactor}`);
    }
    if (!other) splits.push({ instrumentId, ...split });
    found.set(key, row);
  }
  return await upsertSplits(deps.sql, { splits, origin: "import", recordedAt }, options);
}

async function* readRows(file: SplitFile): AsyncGenerator<ReadRow> {
  let columns: string[] | null = null;
  let schema: z.ZodType<z.output<typeof FactorRow>> = FactorRow;
  for await (const { line, fields } of readCsvRecords(file.content, file.name)) {
    if (columns === null) {
      columns = fields.map((name) => name.toLowerCase());
      const isRatio = columns.includes("ratio");
      if (isRatio) schema = RatioRow;
      const needed = ["symbol", "date", ...isRatio ? ["ratio"] : ["from_factor", "to_factor"]];
      if (needed.every((name) => columns?.includes(name))) continue;
      const why = "it must name the columns symbol,date,from_factor,to_factor (or ratio)";
      throw wrongRow(file, line, why, fields.join(","));
    }
    if (fields.length > columns.length) {
      const why = `it must have at most the ${columns.length} columns of the first line`;
      throw wrongRow(file, line, why, fields.join(","));
    }
    const record = Object.fromEntries(fields.map((field, index) => [columns![index], field]));
    const { data: row, error } = schema.safeParse(record);
    if (error) {
      const { path: [column], message } = error.issues[0]!;
      throw wrongRow(file, line, `${String(column)} ${message}`, record[String(column)]);
    }
    yield {
      line,
      symbol: row.symbol,
      split: {
        splitOn: row.date,
        fromFactor: row.from_factor,
        toFactor: row.to_factor,
        description: row.description,
      },
    };
  }
}

function wrongRow(file: SplitFile, line: number, rule: string, value: unknown): OperatorError {
  const current = value === undefined ? "missing" : JSON.stringify(value);
  return new OperatorError(
    `Cannot import ${file.name} as line ${line} is wrong: ${rule}: current value is ${current}; ` +
      "correct it, nothing was stored",
  );
}

function isFactor(text: string): boolean {
  return Decimal.safeParse(text).success && compareDecimals(text, "0") > 0;
}

function isSameSplit(a: ReadRow["split"], b: ReadRow["split"]): boolean {
  return compareDecimals(a.fromFactor, b.fromFactor) === 0 &&
    compareDecimals(a.toFactor, b.toFactor) === 0;
}
