/** The formats of an export: pages of candles to bytes. */
import { stringify } from "csv-stringify/sync";
import type { ExportedCandle } from "../../db/candle_export.ts";
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

const CSV_COLUMNS = [
  { key: "source", header: "source" },
  { key: "symbol", header: "symbol" },
  { key: "interval", header: "interval" },
  { key: "openedAt", header: "opened_at" },
  { key: "open", header: "open" },
  { key: "high", header: "high" },
  { key: "low", header: "low" },
  { key: "close", header: "close" },
  { key: "volume", header: "volume" },
  { key: "isFinal", header: "is_final" },
  // What the instrument is, so that an import makes it again where it is not stored.
  { key: "kind", header: "kind" },
  { key: "name", header: "name" },
  { key: "exchange", header: "exchange" },
  { key: "micCode", header: "mic_code" },
  { key: "currency", header: "currency" },
  { key: "currencyBase", header: "currency_base" },
  { key: "currencyQuote", header: "currency_quote" },
  { key: "exchangeTimezone", header: "exchange_timezone" },
];

async function writeCsv(pages: Pages, output: Output): Promise<void> {
  const encoder = new TextEncoder();
  await output.write(encoder.encode(`${CSV_COLUMNS.map(({ header }) => header).join(",")}\n`));
  for await (const page of pages) {
    const text = stringify(page, {
      columns: CSV_COLUMNS,
      cast: { date: timeText, boolean: String },
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
        opened_at: timeText(openedAt),
        is_final: isFinal,
      });
    });
    await output.write(encoder.encode(`${lines.join("\n")}\n`));
  }
}

/** ISO 8601 in UTC, whole seconds: candles open at no other time. */
function timeText(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}
