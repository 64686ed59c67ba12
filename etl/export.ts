/** Exports stored candles, however many, in flat memory. */
import { type ExportFilter, pageCandles } from "../db/candle_export.ts";
import type { ExportedCandle } from "../db/candle_export.ts";
import type { Database } from "../db/connect.ts";
import { explainDatabaseError } from "../db/errors.ts";
import { getInstrumentBySymbol } from "../db/instruments.ts";
import { OperatorError } from "../market/errors.ts";
import { type Format, WRITERS } from "./files/formats.ts";
import { type Output, OutputClosed } from "./files/output.ts";

export interface ExportDependencies {
  database: Database;
  /** Ends the export between two pages. */
  signal?: AbortSignal;
}

/** What was written. */
export interface ExportReport {
  candles: number;
  series: number;
}

/** Candles of one query: enough that the round trip does not count. */
const PAGE_CANDLES = 2000;

/**
 * Writes every candle that the filter names, by symbol, interval and open time. Candles that are loaded
 * meanwhile may or may not be among them. An output that its reader has closed ends the export.
 *
 * @throws {OperatorError} when an instrument is not stored, the output takes no more, or the database
 * cannot go on; a file is then as it was before.
 */
export async function exportCandles(
  { database, signal }: ExportDependencies,
  filter: ExportFilter,
  format: Format,
  output: Output,
): Promise<ExportReport> {
  const report: ExportReport = { candles: 0, series: 0 };
  try {
    for (const symbol of filter.symbols ?? []) {
      if (await getInstrumentBySymbol(database.sql, filter.source, symbol)) continue;
      throw new OperatorError(
        `Cannot export ${symbol} as source ${filter.source} has no such instrument: correct --symbol`,
      );
    }
    const pages = pageCandles(database.sql, filter, PAGE_CANDLES);
    await WRITERS[format](counted(pages, report, signal), output);
    await output.commit();
  } catch (error) {
    // What is left of a draft is no reason to hide why it is not finished.
    await output.discard().catch(() => {});
    if (error instanceof OutputClosed) return report;
    throw explainDatabaseError(error, database) ?? error;
  }
  return report;
}

async function* counted(
  pages: AsyncIterable<ExportedCandle[]>,
  report: ExportReport,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportedCandle[]> {
  let series = "";
  for await (const page of pages) {
    if (signal?.aborted) throw new OperatorError("The export was stopped before its end");
    const name = `${page[0]!.symbol} ${page[0]!.interval}`;
    if (name !== series) report.series++;
    series = name;
    report.candles += page.length;
    yield page;
  }
}
