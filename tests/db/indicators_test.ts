/** Indicators by hand, and what they say where there is nothing to say. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";
import { candlesOf, readIndicators, storeSeries } from "../support/indicators.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** An aggregate over rows given as SQL values, in their order, as a window with the default frame. */
async function overRows(sql: Sql, call: string, columns: string, rows: string): Promise<unknown[]> {
  const result = await sql.unsafe<{ value: number | null }[]>(`
    select ${call} over (order by at) as value
    from (values ${rows}) r (at, ${columns}) order by at`);
  return result.map(({ value }) => value);
}

const overValues = (sql: Sql, call: string, values: (number | string | null)[]) =>
  overRows(
    sql,
    call,
    "x",
    values.map((value, i) => `(${i}, ${value === null ? "null" : `'${value}'`}::float8)`).join(
      ", ",
    ),
  );

forEachDatabase("Averages by hand", async ({ sql }) => {
  assert.deepEqual(await overValues(sql, "market.sma(x, 2)", [1, 2, 3, 5]), [null, 1.5, 2.5, 4]);
  // (3·6 + 2·4 + 1·2) / 6 is no decimal; (3·9 + 2·6 + 1·3) / 6 = 7.
  assert.deepEqual(
    await overValues(sql, "market.wma(x, 3)", [3, 6, 9, 12]),
    [null, null, 7, 10],
  );
  // The seed is (2 + 4 + 6) / 3; then 4 + (8 - 4) / 2 and 6 + (12 - 6) / 2.
  assert.deepEqual(
    await overValues(sql, "market.ema(x, 3)", [2, 4, 6, 8, 12]),
    [null, null, 4, 6, 9],
  );
  // The seed is (4 + 8) / 2; then (6·1 + 2) / 2 and (4·1 + 10) / 2.
  assert.deepEqual(
    await overValues(sql, "market.wilder(x, 2)", [4, 8, 2, 10]),
    [null, 6, 4, 7],
  );
});

forEachDatabase("Oscillators by hand", async ({ sql }) => {
  // Changes +3, -1, -1, 0: gains 1.5, .75, .375, losses .5, .75, .375.
  assert.deepEqual(
    await overValues(sql, "market.rsi(x, 2)", [10, 13, 12, 11, 11]),
    [null, null, 75, 50, 50],
  );
  assert.deepEqual(
    await overValues(sql, "market.roc(x, 2)", [8, 10, 12, 5]),
    [null, null, 50, -50],
  );
  const candles = "(1, 12, 8, 10, 5), (2, 14, 10, 13, 2), (3, 16, 11, 12, 4), (4, 15, 7, 14, 4)";
  const over = (call: string) => overRows(sql, call, "high, low, close, volume", candles);
  // True ranges: 14 - 10, 16 - 11, 15 - 7.
  assert.deepEqual(await over("market.atr(high, low, close, 2)"), [null, null, 4.5, 6.25]);
  // (13 - 8) / (14 - 8), (12 - 10) / (16 - 10), (14 - 7) / (16 - 7).
  assert.deepEqual(
    await over("market.stochastic(high, low, close, 2)"),
    [null, 100 * (5 / 6), 100 * (2 / 6), 100 * (7 / 9)],
  );
  assert.deepEqual(await over("market.obv(close, volume)"), [0, 2, -2, 2]);
  // Typical prices 10, 37/3, 13, 12.
  assert.deepEqual(
    (await over("market.vwap(high, low, close, volume)")).map((x) => Number(x).toFixed(12)),
    [10, (50 + 74 / 3) / 7, (50 + 74 / 3 + 52) / 11, (50 + 74 / 3 + 100) / 15].map((x) =>
      x.toFixed(12)
    ),
  );
  // Up 2, up 2, down 4. n = 2: up means 2, 1; down means 0, 2; DX 100, 100 / 3; ADX their mean.
  assert.deepEqual(
    await over("market.adx(high, low, close, 2)"),
    [null, null, null, (100 + 100 * (1 / 3)) / 2],
  );
});

forEachDatabase("An aggregate starts anew in each partition", async ({ sql }) => {
  const rows = await sql`
    select market.ema(x::float8, 2) over (partition by p order by at) as value
    from (values (1, 'a', 1), (2, 'a', 3), (3, 'b', 10), (4, 'b', 20)) r (at, p, x) order by at`;
  assert.deepEqual(rows.map(({ value }) => value), [null, 2, null, 15]);
});

forEachDatabase("What is not a number is null and left out, never NaN", async ({ sql }) => {
  for (const unknown of [null, "NaN", "Infinity", "-Infinity"]) {
    const with_ = (...values: number[]) => values.toSpliced(2, 0, unknown as unknown as number);
    const check = async (call: string, values: number[]) => {
      const expected = (await overValues(sql, call, values)).toSpliced(2, 0, null);
      assert.deepEqual(await overValues(sql, call, with_(...values)), expected, call);
    };
    for (const name of ["sma", "wma", "ema", "wilder", "rsi", "roc"]) {
      await check(`market.${name}(x, 2)`, [5, 7, 4, 9, 8]);
    }
    for (const name of ["atr", "adx", "stochastic"]) {
      await check(`market.${name}(x + 1, x - 1, x, 2)`, [5, 7, 4, 9, 8, 3]);
    }
    assert.deepEqual(await overValues(sql, "market.obv(x, 1)", with_(5, 7, 4)), [0, 1, null, 0]);
    assert.deepEqual(
      await overValues(sql, "market.vwap(x, x, x, 1)", with_(5, 7, 3)),
      [5, 6, null, 5],
    );
    // Of a volume it is null from there on.
    assert.deepEqual(
      await overValues(sql, "market.obv(at::float8, x)", with_(5, 7, 4)),
      [0, 7, null, null],
    );
    assert.deepEqual(
      await overValues(sql, "market.vwap(4, 4, 4, x)", with_(5, 7, 4)),
      [4, 4, null, null],
    );
  }
});

forEachDatabase("A period below one, or none, gives null", async ({ sql }) => {
  for (const n of ["0", "-3", "null"]) {
    for (const name of ["sma", "wma", "ema", "wilder", "rsi", "roc"]) {
      const values = await overValues(sql, `market.${name}(x, ${n})`, [5, 7, 4]);
      assert.deepEqual(values, [null, null, null], `${name} ${n}`);
    }
    for (const name of ["atr", "adx", "stochastic"]) {
      const values = await overValues(sql, `market.${name}(x, x, x, ${n})`, [5, 7, 4]);
      assert.deepEqual(values, [null, null, null], `${name} ${n}`);
    }
  }
});

forEachDatabase("A mean that only zeros follow fades out without an error", async ({ sql }) => {
  for (const call of ["market.ema(x, 2)", "market.wilder(x, 2)", "market.wilder(x, 14)"]) {
    const [row] = await sql.unsafe(`
      select value from (
        select i, ${call} over (order by i) as value
        from (select i, case when i < 20 then 1 else 0 end::float8 as x from generate_series(1, 12000) i) r
      ) s order by i desc limit 1`);
    assert.ok(row!.value >= 0 && row!.value < 1e-280, call);
  }
});

/** What market.indicators() answers, in this order. */
const COLUMNS = `openedAt open high low close volume sma20 sma50 sma200 ema12 ema20 ema26 wma20 macd
  macdSignal macdHistogram rsi14 bollingerMiddle bollingerUpper bollingerLower atr14 stochasticK
  stochasticD obv vwap roc20 donchianUpper donchianLower adx14`.split(/\s+/);

forEachDatabase("Indicators are known from the first candle that suffices", async ({ sql }) => {
  const candles = candlesOf(
    "2024-02-28T00:00:00Z",
    DAY_MS,
    Array.from({ length: 210 }, (_, i) => 100 + i % 7),
    (close) => ({ high: String(close + 1), low: String(close - 1), volume: "10" }),
  );
  const rows = await readIndicators(sql, await storeSeries(sql, "1day", candles));
  assert.deepEqual(Object.keys(rows[0]!), COLUMNS);
  assert.deepEqual(rows[1]!.openedAt, new Date("2024-02-29T00:00:00Z"), "a leap day");
  const first = (column: string) => rows.findIndex((row) => row[column] !== null) + 1;
  assert.deepEqual(
    Object.fromEntries(COLUMNS.slice(6).map((column) => [column, first(column)])),
    {
      ...{ sma20: 20, sma50: 50, sma200: 200, ema12: 12, ema20: 20, ema26: 26, wma20: 20 },
      ...{ macd: 26, macdSignal: 34, macdHistogram: 34, rsi14: 15 },
      ...{ bollingerMiddle: 20, bollingerUpper: 20, bollingerLower: 20, atr14: 15 },
      ...{ stochasticK: 16, stochasticD: 18, obv: 1, vwap: 1, roc20: 21 },
      ...{ donchianUpper: 20, donchianLower: 20, adx14: 28 },
    },
  );
});

forEachDatabase("Indicators of a straight line by hand", async ({ sql }) => {
  // Closes 1, 2, 3 …, highs one more and lows one less.
  const candles = candlesOf(
    "2026-01-01T00:00:00Z",
    DAY_MS,
    Array.from({ length: 40 }, (_, i) => i + 1),
    (close) => ({ high: String(close + 1), low: String(close - 1), volume: "2" }),
  );
  const row = (await readIndicators(sql, await storeSeries(sql, "1day", candles))).at(-1)!;
  const exact = (column: string) => Number(Number(row[column]).toFixed(12));
  // An average of a line lags by the mean age: (n - 1) / 2 of an SMA and EMA, (n - 1) / 3 of a WMA.
  assert.equal(row.close, "40");
  assert.equal(exact("sma20"), 30.5);
  assert.equal(exact("ema12"), 34.5);
  assert.equal(exact("ema26"), 27.5);
  assert.equal(Number(row.wma20!.toFixed(9)), Number((40 - 19 / 3).toFixed(9)));
  assert.deepEqual([exact("macd"), exact("macdSignal"), exact("macdHistogram")], [7, 7, 0]);
  assert.equal(exact("rsi14"), 100, "gains only");
  // The population's variance of 20 numbers in a row is (20² - 1) / 12.
  const deviation = Math.sqrt(399 / 12);
  assert.equal(exact("bollingerUpper"), Number((30.5 + 2 * deviation).toFixed(12)));
  assert.equal(exact("bollingerLower"), Number((30.5 - 2 * deviation).toFixed(12)));
  assert.equal(exact("atr14"), 2);
  // (40 - 26) / (41 - 26).
  assert.equal(exact("stochasticK"), Number((1400 / 15).toFixed(12)));
  assert.equal(exact("stochasticD"), Number((1400 / 15).toFixed(12)));
  assert.equal(row.obv, 39 * 2);
  assert.equal(row.vwap, 20.5);
  assert.equal(row.roc20, 100);
  assert.deepEqual([row.donchianUpper, row.donchianLower], [41, 20]);
  assert.equal(exact("adx14"), 100);
});

forEachDatabase("A falling price has an RSI of 0", async ({ sql }) => {
  const candles = candlesOf(
    "2026-01-01T00:00:00Z",
    DAY_MS,
    Array.from(Array(20), (_, i) => 99 - i),
  );
  const rows = await readIndicators(sql, await storeSeries(sql, "1day", candles));
  assert.equal(rows.at(-1)!.rsi14, 0);
});

forEachDatabase("Flat prices divide by nothing", async ({ sql }) => {
  for (const [symbol, price] of [["A", "0.1"], ["B", "0"]] as const) {
    const candles = candlesOf("2026-01-01T00:00:00Z", DAY_MS, Array(210).fill(price), () => ({
      volume: "3",
    }));
    const series = await storeSeries(sql, "1day", candles, { symbol });
    const row = (await readIndicators(sql, series)).at(-1)!;
    const rounded = Object.fromEntries(
      COLUMNS.slice(6).map((column) => [
        column,
        row[column] === null ? null : Number(row[column]!.toFixed(12)),
      ]),
    );
    const p = Number(price);
    assert.deepEqual(rounded, {
      ...{ sma20: p, sma50: p, sma200: p, ema12: p, ema20: p, ema26: p, wma20: p },
      ...{ macd: 0, macdSignal: 0, macdHistogram: 0, rsi14: null },
      ...{ bollingerMiddle: p, bollingerUpper: p, bollingerLower: p, atr14: 0 },
      ...{ stochasticK: null, stochasticD: null, obv: 0, vwap: p, roc20: p === 0 ? null : 0 },
      ...{ donchianUpper: p, donchianLower: p, adx14: 0 },
    });
    assert.equal(row.bollingerUpper, row.bollingerLower, "exactly, as sums are");
  }
});

forEachDatabase("One candle and none, an unknown instrument, an empty window", async ({ sql }) => {
  const one = await storeSeries(sql, "1day", [
    candle("2026-01-05T00:00:00Z", "7", { volume: "2" }),
  ]);
  const [row, ...more] = await readIndicators(sql, one);
  assert.equal(more.length, 0);
  const known = COLUMNS.slice(6).filter((column) => row![column] !== null);
  assert.deepEqual(known, ["obv", "vwap"]);
  assert.deepEqual([row!.obv, row!.vwap], [0, 7]);
  const { id } = await storeInstrument(sql, { symbol: "ETH/USD" });
  for (const interval of ["1min", "1day"] as const) {
    assert.deepEqual([...await readIndicators(sql, { instrumentId: id, interval })], []);
    assert.deepEqual([...await readIndicators(sql, { instrumentId: 999, interval })], []);
  }
  const window = (from: string, to: string) => readIndicators(sql, one, from, to);
  assert.equal((await window("-infinity", "infinity")).length, 1);
  assert.equal((await window("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")).length, 1);
  assert.equal(
    (await window("2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z")).length,
    0,
    "[from, to)",
  );
  assert.equal((await window("2026-01-06T00:00:00Z", "2026-01-01T00:00:00Z")).length, 0);
  assert.equal((await window("infinity", "-infinity")).length, 0);
});

forEachDatabase("Candles are counted, not time; the forming one is the newest", async ({ sql }) => {
  const closes = Array.from({ length: 30 }, (_, i) => 50 + i * i);
  const whole = candlesOf("2026-01-01T00:00:00Z", HOUR_MS, closes);
  whole[29]!.isFinal = false;
  const gappy = whole.map((each, i) => ({
    ...each,
    openedAt: new Date(each.openedAt.getTime() + (i >= 15 ? 40 * DAY_MS : 0)),
  }));
  const averages = async (symbol: string, candles: typeof whole) => {
    const rows = await readIndicators(sql, await storeSeries(sql, "1h", candles, { symbol }));
    return rows.map(({ sma20, rsi14, atr14, macd }) => ({ sma20, rsi14, atr14, macd }));
  };
  const expected = await averages("A", whole);
  assert.equal(expected.length, 30);
  assert.deepEqual(await averages("B", gappy), expected);
});

forEachDatabase(
  "A missing volume ends OBV and VWAP, zero volume gives no price",
  async ({ sql }) => {
    const volumes = ["0", "5", "5", null, "5"];
    const candles = candlesOf(
      "2026-01-01T00:00:00Z",
      DAY_MS,
      [10, 20, 40, 50, 60],
      (_, i) => ({ volume: volumes[i]! }),
    );
    const series = await storeSeries(sql, "1day", candles);
    const rows = await readIndicators(sql, series);
    assert.deepEqual(rows.map((row) => row.obv), [0, 5, 10, null, null]);
    assert.deepEqual(rows.map((row) => row.vwap), [null, 20, 30, null, null]);
    // Both begin with the page, which has all volumes.
    const page = await readIndicators(sql, series, "2026-01-05T00:00:00Z");
    assert.deepEqual(page.map((row) => [row.obv, row.vwap]), [[0, 60]]);
    const missing = await readIndicators(sql, series, "2026-01-04T00:00:00Z");
    assert.deepEqual(missing.map((row) => [row.obv, row.vwap]), [[null, null], [null, null]]);
  },
);

forEachDatabase("Indicators are continuous over a split", async ({ sql }) => {
  const candles = candlesOf(
    "2026-01-01T00:00:00Z",
    DAY_MS,
    Array(30).fill("100"),
    (_, i) =>
      i < 15
        ? { open: "400", high: "400", low: "400", close: "400", volume: "1" }
        : { volume: "4" },
  );
  const series = await storeSeries(sql, "1day", candles, AAPL);
  await sql`
    insert into market.splits (instrument_id, split_on, from_factor, to_factor, origin, recorded_at)
    values (${series.instrumentId}, '2026-01-16', 4, 1, 'import', '2026-02-01')`;
  const row = (await readIndicators(sql, series)).at(-1)!;
  assert.deepEqual(
    [row.sma20, row.bollingerUpper, row.donchianUpper, row.atr14, row.vwap],
    [100, 100, 100, 0, 100],
  );
});
