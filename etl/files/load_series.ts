/** Loads rows of a file into a series: a page in one transaction, as a page of the provider is. */
import type { Listing } from "../../db/candle_export.ts";
import { loadCandles, type LoadCounts } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import { upsertInstrument } from "../../db/instruments.ts";
import { brokenCandleRule, type Candle } from "../../market/candle.ts";
import { slugOfSymbol, type Source } from "../../market/instrument.ts";
import { sessionOf } from "../../market/session.ts";
import { normalizeCandles, type NormalizedRows } from "../normalize.ts";
import type { Reject } from "../provider.ts";
import { wireTimeMs } from "../wire_time.ts";
import { withReconnect } from "./reconnect.ts";
import { type FileRow, wireTime } from "./rows.ts";
import { type FileSeries, type LoadTarget, noRows, type WaitingRows } from "./series.ts";

/** A row that was not stored. */
export interface Refusal {
  line: number;
  reason: string;
}

/** A page that is ready, and when it was read. */
interface Page {
  candles: Candle[];
  rejects: Reject[];
  coveredFrom: Date | null;
  loadedAt: Date;
}

/**
 * Loads the rows of an identified series that wait, and answers those that were refused.
 *
 * @param runId null changes nothing, and counts what would change
 */
export async function loadWaiting(
  series: FileSeries,
  target: LoadTarget,
  runId: number | null,
  now: Date,
): Promise<Refusal[]> {
  const { interval, meta, waiting, seen, counts } = series;
  if (meta === null) throw new Error(`${series.symbol} was not identified before its rows`);
  series.waiting = noRows();
  const session = sessionOf(meta.kind, meta.exchangeTimezone);
  // What an export of ours says was judged when it was loaded, and accepted by hand where it is odd.
  const normalized = waiting.finality.size > 0
    ? restoreCandles(waiting)
    : normalizeCandles(waiting.rows, { interval, session, asOf: now });
  const rejects = [...waiting.rejects, ...normalized.rejects];
  const candles: Candle[] = [];
  for (const candle of normalized.candles) {
    const datetime = wireTime(candle.openedAt, interval);
    if (seen.has(candle.openedAt)) {
      rejects.push(repeated(waiting.rows, datetime, candle.openedAt));
      continue;
    }
    seen.add(candle.openedAt);
    candles.push(candle);
    if (series.from === null || candle.openedAt < series.from) series.from = candle.openedAt;
    if (series.to === null || candle.openedAt > series.to) series.to = candle.openedAt;
  }
  const { coveredFrom } = normalized;
  const page = { candles, rejects, coveredFrom, loadedAt: now };
  const loaded = await loadPage(series, meta, target, runId, page);
  const changed = loaded.inserted + loaded.updated + loaded.revised;
  counts.inserted += loaded.inserted;
  counts.updated += loaded.updated;
  counts.revised += loaded.revised;
  counts.rejected += rejects.length;
  counts.unchanged += waiting.rows.length + waiting.rejects.length - rejects.length - changed;
  series.newRejects += loaded.rejected;
  return rejects.map(({ reason, payload }) => ({ reason, line: (payload as FileRow).line }));
}

/** Rows of our own export as the candles that they were: final or forming as they say. */
function restoreCandles({ rows, finality }: WaitingRows): NormalizedRows {
  const candles: Candle[] = [];
  const rejects: Reject[] = [];
  for (const row of rows) {
    const { datetime, open, high, low, close, volume } = row;
    const openedAt = new Date(wireTimeMs(datetime));
    const isFinal = finality.get(datetime) ?? true;
    const reason = brokenCandleRule(row);
    if (reason !== null) rejects.push({ reason, payload: row, openedAt });
    else candles.push({ openedAt, open, high, low, close, volume, isFinal });
  }
  const times = candles.map(({ openedAt }) => openedAt.getTime());
  const coveredFrom = times.length > 0 ? new Date(times.reduce((a, b) => Math.min(a, b))) : null;
  return { candles, rejects, coveredFrom };
}

/**
 * A row whose open time another page had. That one is stored by now: were it replaced, doing all again
 * would restate it twice.
 */
function repeated(rows: FileRow[], datetime: string, openedAt: Date): Reject {
  const payload = rows.findLast((row) => row.datetime === datetime);
  const reason = `a row with the open time ${datetime} came before in the file: that one is kept`;
  return { reason, payload, openedAt };
}

async function loadPage(
  series: FileSeries,
  meta: Listing,
  { database, source }: LoadTarget,
  runId: number | null,
  page: Page,
): Promise<LoadCounts> {
  const { symbol, interval } = series;
  const isDryRun = runId === null;
  if (isDryRun && series.instrumentId === null) {
    return { inserted: page.candles.length, updated: 0, revised: 0, rejected: page.rejects.length };
  }
  return await withReconnect(async () => {
    series.instrumentId ??= await storeInstrument(
      database.sql,
      source,
      symbol,
      meta,
      page.loadedAt,
    );
    const candleLoad = { instrumentId: series.instrumentId, interval, runId: runId ?? 0, ...page };
    return await loadCandles(database, candleLoad, { dryRun: isDryRun });
  });
}

async function storeInstrument(
  sql: Sql,
  source: Source,
  symbol: string,
  meta: Listing,
  now: Date,
): Promise<number> {
  const session = sessionOf(meta.kind, meta.exchangeTimezone);
  const { id } = await upsertInstrument(sql, {
    source,
    symbol,
    slug: slugOfSymbol(symbol),
    ...meta,
    sessionCloses: session.name === "us_stocks" ? session.closes : null,
  }, now);
  return id;
}
