/** Instruments and candles for tests. */
import { loadCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import { type InstrumentInput, upsertInstrument } from "../../db/instruments.ts";
import { upsertSplits } from "../../db/splits.ts";
import type { Candle, StoredCandle } from "../../market/candle.ts";
import { type Instrument, slugOfSymbol } from "../../market/instrument.ts";
import type { Interval } from "../../market/interval.ts";

/** Stores a crypto pair, or what `values` make of it. */
export async function storeInstrument(
  sql: Sql,
  values: Partial<InstrumentInput> = {},
): Promise<Instrument> {
  const symbol = values.symbol ?? "BTC/USD";
  return await upsertInstrument(sql, {
    source: "simulator",
    symbol,
    slug: slugOfSymbol(symbol),
    name: "Bitcoin / US Dollar",
    kind: "crypto",
    exchange: null,
    micCode: null,
    currency: null,
    currencyBase: "Bitcoin",
    currencyQuote: "US Dollar",
    exchangeTimezone: null,
    sessionCloses: null,
    ...values,
  }, new Date("2026-01-01T00:00:00Z"));
}

/** A US stock. */
export const AAPL: Partial<InstrumentInput> = {
  symbol: "AAPL",
  name: "Apple Inc.",
  kind: "stock",
  exchange: "NASDAQ",
  micCode: "XNGS",
  currency: "USD",
  currencyBase: null,
  currencyQuote: null,
  exchangeTimezone: "America/New_York",
  sessionCloses: "16:00",
};

/** A final candle that opened at `openedAt` (ISO) with all prices at `close`, or what `values` say. */
export function candle(openedAt: string, close: string, values: Partial<Candle> = {}): Candle {
  return {
    openedAt: new Date(openedAt),
    open: close,
    high: close,
    low: close,
    close,
    volume: null,
    isFinal: true,
    ...values,
  };
}

/** The candle as it is read back when it was not rolled up. */
export function fetched(candle: Candle): StoredCandle {
  return { ...candle, rolledUpFrom: null };
}

/** The candles of a daily file in tests/fixtures/candles. */
export function realCandles(name: string): Candle[] {
  const text = Deno.readTextFileSync(new URL(`../fixtures/candles/${name}`, import.meta.url));
  return text.trim().split("\n").slice(1).map((line) => {
    const [date, open, high, low, close, volume] = line.split(",") as string[];
    return candle(`${date}T00:00:00Z`, close!, { open, high, low, volume });
  });
}

/** Loads candles as a run does, as of `loadedAt`: by default 2026-11-22 12:20 UTC. */
export async function storeCandles(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  candles: Candle[],
  loadedAt = new Date("2026-11-22T12:20:00Z"),
): Promise<void> {
  const page = { instrumentId, interval, candles, rejects: [], runId: 1, loadedAt };
  // Few rows go the same way on both databases.
  await loadCandles({ sql, kind: "embedded" }, page);
}

/** Final daily candles of the dates with these closes. */
export async function storeCloses(
  sql: Sql,
  instrumentId: number,
  closes: Record<string, string>,
): Promise<void> {
  const candles = Object.entries(closes).map(([date, close]) => candle(`${date}T00:00:00Z`, close));
  await storeCandles(sql, instrumentId, "1day", candles);
}

/** A split that has taken place: `newShares` for one old share. */
export async function storeSplit(
  sql: Sql,
  instrumentId: number,
  splitOn: string,
  newShares: number,
): Promise<void> {
  const split = { instrumentId, splitOn, fromFactor: `${newShares}`, toFactor: "1" };
  const recordedAt = new Date("2026-01-01T00:00:00Z");
  const splits = [{ ...split, description: null }];
  await upsertSplits(sql, { splits, origin: "import", recordedAt });
}
