/** Candles as Parquet: exact decimals, UTC timestamps, and one row group in memory at a time. */
import { ByteWriter, parquetWriteRows } from "hyparquet-writer";
import type { ExportedCandle } from "../../db/candle_export.ts";
import { OperatorError } from "../../market/errors.ts";
import type { Output } from "./output.ts";

type SchemaElement = NonNullable<Parameters<typeof parquetWriteRows>[0]["schema"]>[number];

/** The most rows that are in memory together; readers like groups of this size too. */
const ROW_GROUP_ROWS = 20_000;
/** As many decimals as a price may have (market/candle.ts); 38 digits is what readers hold exactly. */
const SCALE = 15;
const PRECISION = 38;

const text = (name: string): SchemaElement => ({
  name,
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  logical_type: { type: "STRING" },
  repetition_type: "REQUIRED",
});

const decimal = (name: string, repetition: "REQUIRED" | "OPTIONAL"): SchemaElement => ({
  name,
  type: "FIXED_LEN_BYTE_ARRAY",
  type_length: 16,
  converted_type: "DECIMAL",
  logical_type: { type: "DECIMAL", precision: PRECISION, scale: SCALE },
  precision: PRECISION,
  scale: SCALE,
  repetition_type: repetition,
});

const COLUMNS: SchemaElement[] = [
  text("source"),
  text("symbol"),
  text("interval"),
  {
    name: "opened_at",
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
    repetition_type: "REQUIRED",
  },
  decimal("open", "REQUIRED"),
  decimal("high", "REQUIRED"),
  decimal("low", "REQUIRED"),
  decimal("close", "REQUIRED"),
  decimal("volume", "OPTIONAL"),
  { name: "is_final", type: "BOOLEAN", repetition_type: "REQUIRED" },
];

/**
 * Writes the candles, a row group at a time: each is on its way before the next is read.
 * @throws {OperatorError} when a number has more digits than the column holds exactly.
 */
export async function writeParquet(
  pages: AsyncIterable<ExportedCandle[]>,
  output: Output,
): Promise<void> {
  const buffer = new ByteWriter();
  const flush = async () => {
    await output.write(buffer.getBytes());
    buffer.index = 0;
  };
  await parquetWriteRows({
    writer: Object.assign(buffer, { flush, finish: flush }),
    rows: rowsOf(pages),
    columns: COLUMNS.map(({ name }) => ({ name })),
    schema: [{ name: "candles", num_children: COLUMNS.length }, ...COLUMNS],
    rowGroupSize: ROW_GROUP_ROWS,
    createdBy: "chandlery",
  });
}

async function* rowsOf(
  pages: AsyncIterable<ExportedCandle[]>,
): AsyncGenerator<Record<string, unknown>> {
  for await (const page of pages) {
    for (const candle of page) {
      const { source, symbol, interval, openedAt, open, high, low, close, volume, isFinal } =
        candle;
      yield {
        source,
        symbol,
        interval,
        opened_at: openedAt,
        open: unscaled(open, candle),
        high: unscaled(high, candle),
        low: unscaled(low, candle),
        close: unscaled(close, candle),
        volume: volume === null ? null : unscaled(volume, candle),
        is_final: isFinal,
      };
    }
  }
}

/** The number in units of its last place, 10^-15: `1.5` → `1500000000000000n`. */
function unscaled(number: string, { symbol, openedAt }: ExportedCandle): bigint {
  const [whole = "", fraction = ""] = number.split(".");
  const digits = fraction.replace(/0+$/, "");
  if (digits.length <= SCALE && whole.length <= PRECISION - SCALE) {
    return BigInt(whole + digits.padEnd(SCALE, "0"));
  }
  throw new OperatorError(
    `Cannot write ${symbol} of ${openedAt.toISOString()} as Parquet as it has more digits than a decimal(${PRECISION}, ${SCALE}): ${number}; use --format csv`,
  );
}
