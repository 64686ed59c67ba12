/** Series of candles and their indicators, for tests. */
import assert from "node:assert/strict";
import { loadCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import type { InstrumentInput } from "../../db/instruments.ts";
import type { Candle } from "../../market/candle.ts";
import type { Interval } from "../../market/interval.ts";
import { candle, storeInstrument } from "./market.ts";

export interface Series {
  instrumentId: number;
  interval: Interval;
}

/** A row of market.indicators() by column name; times as Date, prices and volume as text. */
export type IndicatorRow = Record<string, number | null> & { openedAt: Date };

/** Stores an instrument with these candles. */
export async function storeSeries(
  sql: Sql,
  interval: Interval,
  candles: Candle[],
  values: Partial<InstrumentInput> = {},
): Promise<Series> {
  const { id } = await storeInstrument(sql, values);
  const loadedAt = new Date("2026-01-01T00:00:00Z");
  const page = { instrumentId: id, interval, candles, rejects: [], runId: 1, loadedAt };
  // Few rows go the same way on both databases.
  await loadCandles({ sql, kind: "embedded" }, page);
  return { instrumentId: id, interval };
}

/** market.indicators() in `[from, to)`, which may be infinite; null limits nothing. */
export async function readIndicators(
  sql: Sql,
  { instrumentId, interval }: Series,
  from: string | null = null,
  to: string | null = null,
): Promise<IndicatorRow[]> {
  return await sql<IndicatorRow[]>`
    select * from market.indicators(
      ${instrumentId}, ${interval}, ${from}::text::timestamptz, ${to}::text::timestamptz)`;
}

/** Candles a minute, hour or day apart, one for each close, or what `values` make of it. */
export function candlesOf(
  from: string,
  stepMs: number,
  closes: (number | string)[],
  values: (close: number, index: number) => Partial<Candle> = () => ({}),
): Candle[] {
  return closes.map((close, index) => {
    const openedAt = new Date(Date.parse(from) + index * stepMs).toISOString();
    return candle(openedAt, String(close), values(Number(close), index));
  });
}

/** A wandering price with highs and lows around it, the same every time: `count` final candles. */
export function wanderingCandles(from: string, stepMs: number, count: number, seed = 1): Candle[] {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  let price = 10_000;
  return candlesOf(from, stepMs, Array(count).fill(0), () => {
    const open = price;
    price = Math.max(100, price + Math.round((random() - 0.5) * 300));
    const high = Math.max(open, price) + Math.round(random() * 60);
    const low = Math.min(open, price) - Math.round(random() * 60);
    const text = (cents: number) => (cents / 100).toFixed(2);
    return {
      open: text(open),
      high: text(high),
      low: text(low),
      close: text(price),
      volume: String(Math.round(random() * 1e6)),
    };
  });
}

/**
 * Fails unless both are null, or differ by no more than `tolerance` of the larger one. What is less than
 * a millionth of `scale` is compared as if it were that: a difference of two prices can come near zero.
 */
export function assertClose(
  actual: number | null | undefined,
  expected: number | null | undefined,
  tolerance: number,
  scale: number,
  message: string,
): void {
  if (typeof actual !== "number" || typeof expected !== "number") {
    assert.equal(actual, expected ?? null, message);
    return;
  }
  const size = Math.max(Math.abs(actual), Math.abs(expected), scale * 1e-6);
  assert.ok(
    Math.abs(actual - expected) <= tolerance * size,
    `${message}: ${actual} is not ${expected}`,
  );
}
