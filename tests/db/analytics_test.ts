import assert from "node:assert/strict";
import { getFigures, listDailyReturns, listOverview } from "../../db/analytics.ts";
import { loadCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import type { Candle } from "../../market/candle.ts";
import { addInterval, type Interval, INTERVALS } from "../../market/interval.ts";
import { closesAt, sessionOf } from "../../market/session.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";

async function load(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  candles: Candle[],
  loadedAt: Date,
) {
  const page = { instrumentId, interval, candles, rejects: [], runId: 1, loadedAt };
  // Few rows go the same way on both databases.
  await loadCandles({ sql, kind: "embedded" }, page);
}

const now = new Date("2026-11-22T12:20:00Z");

/** Bitcoin: hourly candles of two days, daily ones before; the newest is forming. */
async function storeBitcoin(sql: Sql): Promise<number> {
  const { id } = await storeInstrument(sql);
  await load(sql, id, "1h", [
    candle("2026-11-21T10:00:00Z", "90"),
    candle("2026-11-21T11:00:00Z", "100", { high: "104", low: "88" }),
    candle("2026-11-21T12:00:00Z", "104", { high: "106.5", low: "99" }),
    candle("2026-11-22T11:00:00Z", "109", { high: "111", low: "108" }),
    candle("2026-11-22T12:00:00Z", "110", { high: "110", low: "107.25", isFinal: false }),
  ], now);
  await load(sql, id, "1day", [
    candle("2026-10-20T00:00:00Z", "40", { high: "200", low: "30" }),
    candle("2026-10-22T00:00:00Z", "50"),
    candle("2026-10-23T00:00:00Z", "44"),
    candle("2026-11-14T00:00:00Z", "88"),
    candle("2026-11-15T00:00:00Z", "66"),
    candle("2026-11-22T00:00:00Z", "110", { isFinal: false }),
  ], now);
  return id;
}

forEachDatabase(
  "Changes are over real time before the latest price, not over rows",
  async ({ sql }) => {
    const id = await storeBitcoin(sql);
    const figures = await getFigures(sql, id, now);
    assert.equal(figures.price, "110");
    assert.deepEqual(figures.pricedAt, now, "a forming candle's price is as old as its load");
    assert.equal(figures.isForming, true);
    // 24 h before 12:20 is 12:20 the day before: the candle of 11:00 had ended, that of 12:00 had not.
    assert.deepEqual(figures.change24h, { amount: "10", percent: 10 });
    // 7 d before: the daily candle of the 14th had ended at midnight, that of the 15th had not.
    assert.deepEqual(figures.change7d, { amount: "22", percent: 25 });
    // 30 d before is 2026-10-23 12:20: the candle of the 22nd.
    assert.deepEqual(figures.change30d, { amount: "60", percent: 120 });
  },
);

forEachDatabase(
  "Figures give the range of 24 hours and of 52 weeks, and null for what is not known",
  async ({ sql }) => {
    const id = await storeBitcoin(sql);
    const figures = await getFigures(sql, id, now);
    assert.deepEqual([figures.high24h, figures.low24h], ["111", "107.25"]);
    assert.equal(figures.volume24h, null, "crypto volume is not reported, which is not zero");
    assert.deepEqual([figures.high52w, figures.low52w], ["200", "30"]);
    assert.deepEqual(figures.firstCandleAt, new Date("2026-10-20T00:00:00Z"));
    const { id: empty } = await storeInstrument(sql, { symbol: "ETH/USD" });
    const none = await getFigures(sql, empty, now);
    assert.deepEqual(new Set(Object.values(none)), new Set([null, false]));
  },
);

forEachDatabase(
  "Figures as of an earlier instant see nothing of what came later",
  async ({ sql }) => {
    const id = await storeBitcoin(sql);
    const figures = await getFigures(sql, id, new Date("2026-11-21T12:30:00Z"));
    assert.equal(figures.price, "100");
    assert.deepEqual(figures.pricedAt, new Date("2026-11-21T12:00:00Z"));
    assert.equal(figures.isForming, false);
  },
);

forEachDatabase(
  "A stock's price is as old as its session's close, at weekends too",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql, AAPL);
    await load(sql, id, "1h", [
      candle("2026-11-19T20:30:00Z", "100", { volume: "5" }),
      candle("2026-11-20T19:30:00Z", "108", { volume: "10" }),
      candle("2026-11-20T20:30:00Z", "110", { volume: "20" }),
    ], now);
    await load(sql, id, "1day", [candle("2026-11-20T00:00:00Z", "110")], now);
    const figures = await getFigures(sql, id, now);
    assert.deepEqual(figures.pricedAt, new Date("2026-11-20T21:00:00Z"), "16:00 New York");
    assert.deepEqual(figures.change24h, { amount: "10", percent: 10 });
    assert.equal(figures.volume24h, "30");
    const [row] = await listOverview(sql, "simulator", now);
    assert.deepEqual([row?.price, row?.currency, row?.change24hPercent], ["110", "USD", 10]);
  },
);

forEachDatabase(
  "The overview has every instrument of the source, without prices too",
  async ({ sql }) => {
    await storeBitcoin(sql);
    await storeInstrument(sql, { ...AAPL });
    await storeInstrument(sql, { symbol: "SOL/USD", source: "twelve_data" });
    const rows = await listOverview(sql, "simulator", now);
    assert.deepEqual(rows.map((row) => [row.symbol, row.price, row.currency]), [
      ["AAPL", null, "USD"],
      ["BTC/USD", "110", "USD"],
    ]);
    assert.deepEqual(rows[0]?.sparkline, []);
    assert.deepEqual(rows[1]?.sparkline, [90, 100, 104, 109, 110]);
  },
);

forEachDatabase("A sparkline has at most 60 points, the newest among them", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const from = Date.parse("2026-11-10T12:00:00Z");
  const candles = Array.from(
    { length: 12 * 24 },
    (_, hour) => candle(new Date(from + hour * 3_600_000).toISOString(), `${hour + 1}`),
  );
  await load(sql, id, "1h", candles, now);
  const [row] = await listOverview(sql, "simulator", now);
  const line = row?.sparkline ?? [];
  assert.ok(line.length > 40 && line.length <= 60, `${line.length} points`);
  assert.equal(line.at(-1), 12 * 24);
  assert.ok(line[0]! > 12 * 24 - 7 * 24, "nothing older than 7 days");
  assert.deepEqual(line, line.toSorted((a, b) => a - b));
});

forEachDatabase(
  "Daily returns are simple returns between final daily candles, in per cent",
  async ({ sql }) => {
    const id = await storeBitcoin(sql);
    const window = { from: new Date("2026-10-01T00:00:00Z"), to: new Date("2026-11-23T00:00:00Z") };
    assert.deepEqual([...await listDailyReturns(sql, id, window)], [
      { date: "2026-10-22", percent: 25 },
      { date: "2026-10-23", percent: -12 },
      { date: "2026-11-14", percent: 100 },
      { date: "2026-11-15", percent: -25 },
    ]);
    assert.deepEqual(
      [...await listDailyReturns(sql, id, { ...window, from: new Date("2026-11-15T00:00:00Z") })],
      [{ date: "2026-11-15", percent: -25 }],
      "the first day of a window has its return too",
    );
  },
);

forEachDatabase("A price of zero makes no division error", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await load(sql, id, "1h", [
    candle("2026-11-21T10:00:00Z", "0"),
    candle("2026-11-22T11:00:00Z", "5"),
  ], now);
  const figures = await getFigures(sql, id, now);
  assert.equal(figures.price, "5");
  assert.equal(figures.change24h, null);
});

forEachDatabase("candle_closes_at() agrees with market/session.ts", async ({ sql }) => {
  const stock = sessionOf("stock", "America/New_York");
  const opens = [
    "2026-03-06T14:30:00Z",
    "2026-03-06T20:30:00Z",
    "2026-03-09T13:30:00Z", // the clock goes forward
    "2026-10-30T19:30:00Z",
    "2026-11-02T14:30:00Z",
    "2026-11-02T20:30:00Z", // and back
    "2026-03-06T00:00:00Z",
    "2026-11-02T00:00:00Z",
    "2028-02-29T00:00:00Z",
  ].map((text) => new Date(text));
  for (const interval of INTERVALS) {
    for (const openedAt of opens) {
      const isDate = openedAt.getUTCHours() === 0;
      if (isDate !== ["1day", "1week", "1month"].includes(interval)) continue;
      const close = async (timezone: string | null, closes: string | null) =>
        (await sql<[{ at: Date }]>`
          select market.candle_closes_at(${interval}, ${openedAt}, ${timezone}, ${closes}) as at`)[
          0
        ].at;
      assert.deepEqual(await close(null, null), addInterval(openedAt, interval));
      // A week and a month of a stock end with their calendar span in SQL, with their last close there.
      if (interval === "1week" || interval === "1month") continue;
      assert.deepEqual(
        await close("America/New_York", "16:00"),
        closesAt(openedAt, interval, stock),
        `${interval} ${openedAt.toISOString()}`,
      );
    }
  }
});
