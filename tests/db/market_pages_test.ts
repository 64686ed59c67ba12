/** What the market's pages ask for: stale prices left out, lines thinned out, members that fit. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeCandles, storeCloses, storeInstrument } from "../support/market.ts";

/** A Sunday: stocks are closed, crypto trades. */
const now = new Date("2026-11-22T12:20:00Z");
const DAY_MS = 86_400_000;

async function storeHours(sql: Sql, id: number, closes: Record<string, string>) {
  const candles = Object.entries(closes).map(([at, close]) => candle(`${at}:00Z`, close));
  await storeCandles(sql, id, "1h", candles, now);
}

/** Days from `from` on with these closes. */
function days(from: string, closes: number[]): Record<string, string> {
  return Object.fromEntries(closes.map((close, day) => [
    new Date(Date.parse(from) + day * DAY_MS).toISOString().slice(0, 10),
    String(close),
  ]));
}

const stock = (sql: Sql, symbol: string) => storeInstrument(sql, { ...AAPL, symbol, slug: symbol });

/** Two stocks up to Friday's close and a third that stopped on Thursday; a coin that goes on. */
async function storeMarket(sql: Sql): Promise<void> {
  await syncTradingDays(sql, now);
  const friday = { UP: "110", DOWN: "95" };
  for (const [symbol, close] of Object.entries(friday)) {
    const { id } = await stock(sql, symbol);
    await storeHours(sql, id, { "2026-11-19T20:30": "100", "2026-11-20T20:30": close });
  }
  const { id: stopped } = await stock(sql, "STOPPED");
  await storeHours(sql, stopped, { "2026-11-18T15:30": "100", "2026-11-19T15:30": "150" });
  const { id: coin } = await storeInstrument(sql);
  await storeHours(sql, coin, { "2026-11-21T11:00": "100", "2026-11-22T11:00": "100" });
  // Its days lag, its hours do not: the price is as new as it can be.
  await storeCloses(sql, coin, { "2026-11-01": "90" });
  await stock(sql, "EMPTY");
}

forEachDatabase(
  "A price is stale when its own series lacks a candle, not when its market is closed",
  async ({ sql }) => {
    await storeMarket(sql);
    const rows = await sql`
      select symbol, candle_interval, priced_at, due_at from market.stale_prices('simulator', ${now})`;
    assert.deepEqual([...rows], [{
      symbol: "STOPPED",
      candleInterval: "1h",
      pricedAt: new Date("2026-11-19T16:30:00Z"),
      dueAt: new Date("2026-11-19T19:00:00Z"),
    }]);
    const tomorrow = new Date(now.getTime() + DAY_MS);
    const later = await sql`
      select symbol from market.stale_prices('simulator', ${tomorrow}) order by symbol`;
    assert.deepEqual(later.map(({ symbol }) => symbol), ["BTC/USD", "STOPPED"]);
    assert.deepEqual([...await sql`select * from market.stale_prices('import', ${now})`], []);
  },
);

forEachDatabase(
  "A summary counts no stale price and says how many it left out",
  async ({ sql }) => {
    await storeMarket(sql);
    const summary = async (span: string) => {
      const rows = await sql`
      select * from market.span_summary('simulator', ${now}, ${span}) order by kind`;
      return rows.map((row) => Object.values(row));
    };
    assert.deepEqual(await summary("24h"), [
      ["crypto", 1, 0, 1, 0, 0, 1, 0, 0, 0, "BTC/USD", 0, "BTC/USD", 0],
      ["stock", 4, 1, 2, 1, 1, 0, 50, 2.5, 2.5, "UP", 10, "DOWN", -5],
      [null, 5, 1, 3, 1, 1, 1, 100 / 3, 5 / 3, 0, "UP", 10, "DOWN", -5],
    ]);
    assert.deepEqual((await summary("1y")).at(-1), [
      null,
      5,
      1,
      ...[0, 0, 0, 0],
      ...[null, null, null, null, null, null, null],
    ]);
    assert.deepEqual(await summary("10y"), [], "no such span");
  },
);

forEachDatabase("A summary without stale prices says what the views say", async ({ sql }) => {
  await syncTradingDays(sql, now);
  for (const [symbol, close] of Object.entries({ A: "110", B: "95", C: "95", D: "100" })) {
    const { id } = await stock(sql, symbol);
    await storeHours(sql, id, { "2026-11-19T20:30": "100", "2026-11-20T20:30": close });
  }
  const columns = [
    "known",
    "rising",
    "falling",
    "unchanged",
    "rising_percent",
    "average_change_percent",
    "median_change_percent",
    "best_symbol",
    "best_change_percent",
    "worst_symbol",
    "worst_change_percent",
  ];
  const [summary] = await sql`
    select ${sql(columns)} from market.span_summary('simulator', ${now}, '24h')
    where kind = 'stock'`;
  const [views] = await sql`
    select ${sql(columns)}
    from market.breadth('simulator', ${now}) b
    join market.class_performance('simulator', ${now}) p on p.span = b.span and p.kind = b.kind
    where b.span = '24h'`;
  assert.deepEqual({ ...summary }, { ...views });
  assert.equal(summary!.worstSymbol, "B");
});

forEachDatabase("Moving averages are thinned out, not computed of fewer days", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCloses(sql, id, days("2026-03-01", Array.from({ length: 100 }, (_, i) => 10 + i % 7)));
  const all = await sql`
    select * from market.moving_averages_of_days(${id}, '2026-03-11Z', null) order by traded_on`;
  const few = await sql`
    select * from market.moving_average_points(${id}, '2026-03-11Z', null, 10) order by traded_on`;
  assert.equal(few.length, 10);
  assert.deepEqual([few[0], few.at(-1)], [all[0], all.at(-1)]);
  for (const row of few) assert.ok(all.some((one) => +one.tradedOn === +row.tradedOn));
  const same = await sql`
    select * from market.moving_average_points(${id}, '2026-03-11Z', null, 500) order by traded_on`;
  assert.deepEqual([...same], [...all]);
});

forEachDatabase(
  "A member that begins late or has ended is left out of what it would cut short",
  async ({ sql }) => {
    const closes = (from: string, count: number) => days(from, Array(count).fill(1));
    const series = {
      ENDED: closes("2026-08-01", 60),
      FULL: closes("2026-08-01", 113),
      LATE: closes("2026-11-01", 21),
      SOON: closes("2026-09-02", 81),
    };
    for (const [symbol, days] of Object.entries(series)) {
      await storeCloses(sql, (await stock(sql, symbol)).id, days);
    }
    await stock(sql, "EMPTY");
    await storeInstrument(sql);
    const { id: gone } = await stock(sql, "GONE");
    await sql`update market.instruments set is_active = false where id = ${gone}`;
    const members = async (from: string | null) => {
      const rows = await sql`
        select symbol, first_on::text, last_on::text, left_out
        from market.class_members('simulator', ${["stock", "etf"]}, ${from}, ${now})
        order by symbol`;
      return rows.map((row) => Object.values(row));
    };
    assert.deepEqual(await members("2026-08-30T12:00Z"), [
      ["EMPTY", null, null, "no_candle"],
      ["ENDED", "2026-08-31", "2026-09-29", "ended"],
      ["FULL", "2026-08-31", "2026-11-21", null],
      ["LATE", "2026-11-01", "2026-11-21", "late"],
      ["SOON", "2026-09-02", "2026-11-21", null],
    ]);
    const all = await members(null);
    assert.deepEqual(all.map(([symbol, , , leftOut]) => [symbol, leftOut]), [
      ["EMPTY", "no_candle"],
      ["ENDED", "ended"],
      ["FULL", null],
      ["LATE", null],
      ["SOON", null],
    ]);
  },
);

forEachDatabase("Who begins late is told beside those that have not ended", async ({ sql }) => {
  await storeCloses(sql, (await stock(sql, "ENDED")).id, days("2026-08-01", Array(60).fill(1)));
  await storeCloses(sql, (await stock(sql, "LISTED")).id, days("2026-11-01", Array(21).fill(1)));
  const members = await sql`
    select symbol, left_out
    from market.class_members('simulator', array['stock'], '2026-07-01Z', ${now}) order by symbol`;
  assert.deepEqual(members.map(({ symbol, leftOut }) => [symbol, leftOut]), [
    ["ENDED", "ended"],
    ["LISTED", null],
  ]);
});
