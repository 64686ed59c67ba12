import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { listOverview } from "../../db/overview.ts";
import { forEachDatabase } from "../support/databases.ts";
import {
  AAPL,
  candle,
  storeCandles,
  storeCloses,
  storeInstrument,
  storeSplit,
} from "../support/market.ts";

const now = new Date("2026-11-22T12:20:00Z");

/** Bitcoin: three hours, a day later two; the newest is forming. */
async function storeBitcoin(sql: Sql): Promise<number> {
  const { id } = await storeInstrument(sql);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-21T07:00:00Z", "90"),
    candle("2026-11-21T11:00:00Z", "100", { high: "104", low: "88" }),
    candle("2026-11-21T15:00:00Z", "104", { high: "106.5", low: "99" }),
    candle("2026-11-22T11:00:00Z", "109", { high: "111", low: "108" }),
    candle("2026-11-22T12:00:00Z", "110", { high: "110", low: "107.25", isFinal: false }),
  ]);
  return id;
}

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
  const from = Date.parse("2026-11-10T12:00:00Z");
  const candles = Array.from(
    { length: 12 * 24 },
    (_, hour) => candle(new Date(from + hour * 3_600_000).toISOString(), `${hour + 1}`),
  );
  // An index that is told day and night has more hours than the line has points.
  for (const kind of ["crypto", "index"] as const) {
    const { id } = await storeInstrument(sql, { symbol: kind, kind });
    await storeCandles(sql, id, "1h", candles);
  }
  const rows = await listOverview(sql, "simulator", now);
  assert.equal(rows.length, 2);
  for (const { symbol, sparkline: line } of rows) {
    assert.ok(line.length > 40 && line.length <= 60, `${symbol}: ${line.length} points`);
    assert.equal(line.at(-1), 12 * 24);
    assert.ok(line[0]! > 12 * 24 - 7 * 24, "nothing older than 7 days");
    assert.deepEqual(line, line.toSorted((a, b) => a - b));
  }
});

forEachDatabase("A stock of the overview has its price, change and currency", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-19T20:30:00Z", "100", { volume: "5" }),
    candle("2026-11-20T20:30:00Z", "110", { volume: "20" }),
  ]);
  const [row] = await listOverview(sql, "simulator", now);
  assert.deepEqual([row?.price, row?.currency, row?.change24hPercent], ["110", "USD", 10]);
});

forEachDatabase("The overview says what the figures of each instrument say", async ({ sql }) => {
  await storeBitcoin(sql);
  const { id } = await storeInstrument(sql, AAPL);
  await storeCandles(sql, id, "1h", [
    candle("2025-11-20T20:30:00Z", "50", { volume: "1" }),
    candle("2025-12-31T20:30:00Z", "55", { volume: "1" }),
    candle("2026-11-20T19:30:00Z", "100", { volume: "5" }),
    candle("2026-11-20T20:30:00Z", "110", { volume: "20", high: "120", low: "100" }),
  ]);
  const columns = sql`
    price, priced_at, price_age::text, is_forming, change_1h_percent, change_24h_percent,
    change_7d_percent, change_30d_percent, change_ytd_percent, change_1y_percent, volume_24h,
    turnover_24h`;
  const overview = await sql<Record<string, unknown>[]>`
    select instrument_id, ${columns} from market.overview('simulator', ${now}) order by symbol`;
  assert.equal(overview.length, 2);
  for (const { instrumentId, ...row } of overview) {
    const [figures] = await sql`
      select ${columns} from market.figures(${Number(instrumentId)}, ${now})`;
    assert.deepEqual(row, { ...figures });
  }
  const { changeYtdPercent, change1yPercent, volume24h, turnover24h } = overview[0]!;
  assert.deepEqual(
    [changeYtdPercent, change1yPercent, volume24h, turnover24h],
    [100, 120, "25", "2700"],
  );
});

forEachDatabase("A sparkline is continuous over a split", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-18T19:30:00Z", "400"),
    candle("2026-11-19T19:30:00Z", "101"),
    candle("2026-11-20T19:30:00Z", "102"),
  ]);
  await storeSplit(sql, id, "2026-11-19", 4);
  const [row] = await listOverview(sql, "simulator", now);
  assert.deepEqual(row?.sparkline, [100, 101, 102]);
});

forEachDatabase("A sparkline sees nothing of what came later", async ({ sql }) => {
  await storeBitcoin(sql);
  const [row] = await listOverview(sql, "simulator", new Date("2026-11-21T12:30:00Z"));
  assert.deepEqual([row?.price, row?.sparkline], ["100", [90, 100]]);
});

/** Two kinds and two currencies; a close of 100, and a day later what the table says. */
async function storeMarket(sql: Sql): Promise<void> {
  const closes = { UP: "110", DOWN: "80", FLAT: "100", EURO: "120", TWIN: "110", "BTC/USD": "140" };
  for (const [symbol, close] of Object.entries(closes)) {
    const { id } = symbol === "BTC/USD" ? await storeInstrument(sql) : await storeInstrument(sql, {
      ...AAPL,
      symbol,
      currency: symbol === "EURO" ? "EUR" : "USD",
    });
    const volume = symbol === "FLAT" ? null : "2";
    await storeCandles(sql, id, "1h", [
      candle("2026-11-19T20:00:00Z", "100", { volume }),
      candle("2026-11-20T20:00:00Z", close, { volume }),
    ]);
  }
  const { id: stale } = await storeInstrument(sql, { ...AAPL, symbol: "NEW" });
  await storeCloses(sql, stale, { "2026-10-01": "7" });
  await storeInstrument(sql, { ...AAPL, symbol: "EMPTY" });
  await storeInstrument(sql, { ...AAPL, symbol: "ELSEWHERE", source: "twelve_data" });
}

forEachDatabase(
  "Movers are ranked over each span, equal ones alike, what stayed not at all",
  async ({ sql }) => {
    await storeMarket(sql);
    const rows = await sql`
      select symbol, change_percent, gainer_rank, loser_rank
      from market.movers('simulator', ${now}) where span = '24h'
      order by gainer_rank, loser_rank, symbol`;
    assert.deepEqual(rows.map((row) => Object.values(row)), [
      ["BTC/USD", 40, 1, null],
      ["EURO", 20, 2, null],
      ["TWIN", 10, 3, null],
      ["UP", 10, 3, null],
      ["DOWN", -20, null, 1],
      ["EMPTY", null, null, null],
      ["FLAT", 0, null, null],
      ["NEW", null, null, null],
    ]);
    const [stale] = await sql`
      select distinct price_age > '30 days' as is_stale
      from market.movers('simulator', ${now}) where symbol = 'NEW'`;
    assert.equal(stale!.isStale, true);
    const spans = await sql`
      select span, count(*) as rows, count(change_percent) as known
      from market.movers('simulator', ${now}) group by span order by span`;
    assert.deepEqual(spans.map((row) => Object.values(row)), [
      ["1h", 8, 6],
      ["1y", 8, 0],
      ["24h", 8, 6],
      ["30d", 8, 0],
      ["7d", 8, 0],
      ["ytd", 8, 0],
    ]);
  },
);

forEachDatabase(
  "Breadth counts by kind and over all, and never divides by none",
  async ({ sql }) => {
    await storeMarket(sql);
    const breadth = async (span: string) => {
      const rows = await sql`
      select kind, instruments, known, rising, falling, unchanged, rising_percent
      from market.breadth('simulator', ${now}) where span = ${span} order by kind`;
      return rows.map((row) => Object.values(row));
    };
    assert.deepEqual(await breadth("24h"), [
      ["crypto", 1, 1, 1, 0, 0, 100],
      ["stock", 7, 5, 3, 1, 1, 60],
      [null, 8, 6, 4, 1, 1, 100 * 4 / 6],
    ]);
    assert.deepEqual(await breadth("1y"), [
      ["crypto", 1, 0, 0, 0, 0, null],
      ["stock", 7, 0, 0, 0, 0, null],
      [null, 8, 0, 0, 0, 0, null],
    ]);
    assert.deepEqual([...await sql`select * from market.breadth('import', ${now})`], []);
  },
);

forEachDatabase("Classes have their average, best and worst performer", async ({ sql }) => {
  await storeMarket(sql);
  const rows = await sql`
    select * from market.class_performance('simulator', ${now}) where span = '24h' order by kind`;
  assert.deepEqual(rows.map((row) => Object.values(row)), [
    ["24h", "crypto", 1, 40, 40, "BTC/USD", 40, "BTC/USD", 40],
    ["24h", "stock", 5, 4, 10, "EURO", 20, "DOWN", -20],
  ]);
});

forEachDatabase("Dollars are never added to euros", async ({ sql }) => {
  await storeMarket(sql);
  const rows = await sql`
    select * from market.turnover_by_currency('simulator', ${now}) order by kind, currency`;
  assert.deepEqual(rows.map((row) => Object.values(row)), [
    ["crypto", "USD", 1, "280"],
    ["stock", "EUR", 1, "240"],
    ["stock", "USD", 3, "600"],
  ]);
});

forEachDatabase("Money of unknown currencies is not added", async ({ sql }) => {
  for (const symbol of ["DAX", "FTSE"]) {
    const { id } = await storeInstrument(sql, { symbol, kind: "index" });
    await storeCandles(sql, id, "1h", [candle("2026-11-20T20:00:00Z", "100", { volume: "2" })]);
  }
  const overview = await sql`
    select currency, turnover_24h from market.overview('simulator', ${now}) order by symbol`;
  assert.deepEqual(overview.map((row) => Object.values(row)), [[null, "200"], [null, "200"]]);
  assert.deepEqual(
    [...await sql`select * from market.turnover_by_currency('simulator', ${now})`],
    [],
  );
});
