/** The formats of an export: pages of candles to bytes. */
import { stringify } from "csv-stringify/sync";
import type { ExportedCandle } from "../../db/candle_export.ts";
import { CANDLE_CSV_COLUMNS, candleTimeText } from "../../market/candle_csv.ts";
import type { Output } from "./output.ts";
import { writeParquet } from "./parquet.ts";

export const FORMATS = ["csv", "jsonl", "parquet"] as const;
export type Format = typeof FORMATS[number];

type Pages = AsyncIterable<ExportedCandle[]>;

/** How each format is written; `etl/import.ts` reads the CSV back. */
export const WRITERS: Record<Format, (pages: Pages, output: Output) => Promise<void>> = {
  csv: writeCsv,
  jsonl: writeJsonLines,
  parquet: writeParquet,
};

async function writeCsv(pages: Pages, output: Output): Promise<void> {
  const encoder = new TextEncoder();
  await output.write(
    encoder.encode(`${CANDLE_CSV_COLUMNS.map(({ header }) => header).join(",")}\n`),
  );
  for await (const page of pages) {
    const text = stringify(page, {
      columns: [...CANDLE_CSV_COLUMNS],
      cast: { date: candleTimeText, boolean: String },
    });
    await output.write(encoder.encode(text));
  }
}

/** Prices are texts here too: a JSON number would be read as a float. */
async function writeJsonLines(pages: Pages, output: Output): Promise<void> {
  const encoder = new TextEncoder();
  for await (const page of pages) {
    const lines = page.map((candle) => {
      const { source, symbol, interval, openedAt, open, high, low, close, volume, isFinal } =
        candle;
      return JSON.stringify({
        ...{ source, symbol, interval, open, high, low, close, volume },
        opened_at: candleTimeText(openedAt),
        is_final: isFinal,
      });
    });
    await output.write(encoder.encode(`${lines.join("\n")}\n`));
  }
}
