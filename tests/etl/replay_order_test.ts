import assert from "node:assert/strict";
import { loadCandles } from "../../db/candles.ts";
import type { Database, Sql } from "../../db/connect.ts";
import { slugOfSymbol } from "../../market/instrument.ts";
import type { Interval } from "../../market/interval.ts";
import { sessionOf } from "../../market/session.ts";
import { normalizeCandles } from "../../etl/normalize.ts";
import type { TimeSeries, TimeSeriesRequest } from "../../etl/provider.ts";
import { shuffled } from "../../simulator/faults.ts";
import { Random } from "../../simulator/random.ts";
import { makeReplayMarket, parseReplayFile } from "../../simulator/replay.ts";
import type { SimulatorOptions } from "../../simulator/simulator.ts";
import { forEachDatabase } from "../support/databases.ts";
import { assertSameLines, candleLines, dependenciesOf } from "../support/loads.ts";
import { storeInstrument } from "../support/market.ts";

const FILE = "twelvedata_15min_2025-02-03.csv";
const ORDERS = 10;

/** An answer and what it was to. */
interface Page {
  symbol: string;
  request: TimeSeriesRequest;
  series: TimeSeries;
  asOf: Date;
}

/**
 * What the provider says at each of the instants: of each series windows of `hours` that overlap by half,
 * so that most candles are in several pages and the newest ones in several stages.
 */
async function fetchPages(
  database: Database,
  options: SimulatorOptions,
  { symbols, interval, from, hours, instants }: {
    symbols: string[];
    interval: Interval;
    from: string;
    hours: number;
    instants: string[];
  },
): Promise<Page[]> {
  let now = new Date(0);
  const { provider } = dependenciesOf(database, { ...options, now: () => now });
  const pages: Page[] = [];
  const lengthMs = hours * 3_600_000;
  for (const symbol of symbols) {
    for (const instant of instants) {
      now = new Date(instant);
      for (let ms = Date.parse(from); ms < now.getTime(); ms += lengthMs / 2) {
        const end = new Date(ms + lengthMs);
        const request = { interval, start: new Date(ms), end, outputSize: 5000 };
        const series = await provider.fetchTimeSeries(symbol, request);
        pages.push({ symbol, request, series, asOf: now });
      }
    }
  }
  return pages;
}

async function loadPages({ sql, kind }: Database, pages: Page[]): Promise<void> {
  for (const { symbol, request, series, asOf } of pages) {
    if (series.meta === null) continue;
    const { id: instrumentId } = await storeInstrument(sql, {
      ...series.meta,
      symbol,
      slug: slugOfSymbol(symbol),
    });
    const { interval, start, end } = request;
    const session = sessionOf(series.meta.kind, series.meta.exchangeTimezone);
    const { candles, rejects, coveredFrom } = normalizeCandles(series.rows, {
      interval,
      session,
      asOf,
      start,
      end,
    });
    await loadCandles({ sql, kind }, {
      instrumentId,
      interval,
      candles,
      rejects: [...series.rejects, ...rejects],
      coveredFrom,
      runId: 1,
      loadedAt: asOf,
    });
  }
}

/** Loads the pages in random orders, each into empty tables, and gives the candles, which must be the same. */
async function loadInAnyOrder(database: Database, pages: Page[]): Promise<string[]> {
  const { sql } = database;
  const random = new Random(pages.length);
  await loadPages(database, pages);
  const [lines, watermarks] = [await candleLines(sql), await watermarksOf(sql)];
  for (let order = 1; order <= ORDERS; order++) {
    await sql`truncate market.candles, market.candle_revisions, market.watermarks, market.rejects`;
    await loadPages(database, shuffled(pages, random));
    assertSameLines(await candleLines(sql), lines, `In order ${order}`);
    assert.deepEqual(await watermarksOf(sql), watermarks);
  }
  return lines;
}

async function watermarksOf(sql: Sql) {
  return [...await sql`select * from market.watermarks order by instrument_id, candle_interval`];
}

forEachDatabase(
  "Ten replays of the recorded candles in random order give the same table",
  async ({ database }) => {
    const path = `${import.meta.dirname}/../fixtures/candles/${FILE}`;
    const market = makeReplayMarket(parseReplayFile(FILE, await Deno.readTextFile(path)));
    const pages = await fetchPages(database, { market }, {
      symbols: market.listings().map(({ symbol }) => symbol),
      interval: "15min",
      from: "2025-02-03T00:00:00Z",
      hours: 6,
      instants: ["2025-02-03T15:07:00Z", "2025-02-03T17:20:00Z"],
    });
    const lines = await loadInAnyOrder(database, pages);
    assert.equal(lines.filter((line) => line.endsWith("|f")).length, 7, "the newest ones form");
    assert.equal(lines.length, 138, "those of 3 February");
  },
);

forEachDatabase(
  "Candles that were seen in several stages end in the last one, whatever was loaded first",
  async ({ database }) => {
    const pages = await fetchPages(database, { faults: { nan: 0.2, duplicate: 0.2 } }, {
      symbols: ["AAPL", "BTC/USD"],
      interval: "1h",
      from: "2026-11-19T12:00:00Z",
      hours: 12,
      instants: ["2026-11-20T15:40:00Z", "2026-11-20T16:10:00Z", "2026-11-20T16:50:00Z"],
    });
    const lines = await loadInAnyOrder(database, pages);
    const undisturbed = await fetchPages(database, {}, {
      symbols: ["AAPL", "BTC/USD"],
      interval: "1h",
      from: "2026-11-19T12:00:00Z",
      hours: 48,
      instants: ["2026-11-20T16:50:00Z"],
    });
    await database.sql`truncate market.candles, market.watermarks`;
    await loadPages(database, undisturbed);
    assertSameLines(lines, await candleLines(database.sql), "Beside the provider's last word");
  },
);
