/** Figures of several instruments side by side, worked by hand and against plain TypeScript. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { loadCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import type { InstrumentInput } from "../../db/instruments.ts";
import type { Interval } from "../../market/interval.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";

const LOADED_AT = new Date("2026-11-22T12:00:00Z");
const NOBODY = 999_999;
const YEAR_2026 = { from: new Date("2026-01-01T00:00:00Z"), to: new Date("2027-01-01T00:00:00Z") };

type Window = typeof YEAR_2026;
/** A date (or instant) and the close of the candle that opens then; `forming` when it is not final. */
type Close = [openedAt: string, close: string | number, state?: "forming"];

let symbolCount = 0;

async function store(
  sql: Sql,
  values: Partial<InstrumentInput>,
  closes: Close[],
  interval: Interval = "1day",
): Promise<number> {
  const symbol = `${values.symbol ?? "X"}${++symbolCount}`;
  const { id } = await storeInstrument(sql, { ...values, symbol, slug: symbol });
  await storeMore(sql, id, closes, interval);
  return id;
}

async function storeMore(sql: Sql, id: number, closes: Close[], interval: Interval = "1day") {
  const candles = closes.map(([openedAt, close, state]) => {
    const instant = openedAt.length === 10 ? `${openedAt}T00:00:00Z` : openedAt;
    return candle(instant, String(close), { isFinal: state !== "forming" });
  });
  const page = { instrumentId: id, interval, candles, rejects: [], runId: 1, loadedAt: LOADED_AT };
  // Few rows go the same way on both databases.
  await loadCandles({ sql, kind: "embedded" }, page);
}

const storeCrypto = (sql: Sql, closes: Close[], interval?: Interval) =>
  store(sql, { symbol: "C/USD" }, closes, interval);
const storeStock = (sql: Sql, closes: Close[], interval?: Interval) =>
  store(sql, AAPL, closes, interval);

/** Closes on the days from 1 March 2026 on; null where there is no candle. */
function march(...closes: (number | string | null)[]): Close[] {
  return closes.flatMap((close, i): Close[] =>
    close === null ? [] : [[dateOf(Date.UTC(2026, 2, 1 + i)), close]]
  );
}

function dateOf(at: number | Date): string {
  return new Date(at).toISOString().slice(0, 10);
}

async function listRebased(
  sql: Sql,
  ids: number[],
  { from, to }: Window = YEAR_2026,
  interval: Interval = "1day",
) {
  const rows = await sql<{ instrumentId: number; openedAt: Date; value: number }[]>`
    select * from market.rebased(${ids}, ${interval}, ${from}, ${to})
    order by instrument_id, opened_at`;
  return rows.map((row) => [row.instrumentId, dateOf(row.openedAt), row.value]);
}

async function listReturns(
  sql: Sql,
  id: number,
  other: number,
  interval: Interval = "1day",
  { from, to }: Window = YEAR_2026,
) {
  const rows = await sql<
    { openedAt: Date; previousOpenedAt: Date; returnPercent: number; otherReturnPercent: number }[]
  >`
    select * from market.aligned_returns(${[id]}, ${[other]}, ${interval}, ${from}, ${to})
    order by opened_at`;
  return rows.map((row) => [
    dateOf(row.previousOpenedAt),
    dateOf(row.openedAt),
    row.returnPercent,
    row.otherReturnPercent,
  ]);
}

/** `[id, other id, correlation, observations]`, ordered by the ids. */
async function listCorrelations(sql: Sql, ids: number[], interval: Interval = "1day") {
  const { from, to } = YEAR_2026;
  const rows = await sql<
    {
      instrumentId: number;
      otherInstrumentId: number;
      correlation: number | null;
      observations: number;
    }[]
  >`
    select * from market.correlations(${ids}, ${interval}, ${from}, ${to})
    order by instrument_id, other_instrument_id`;
  return rows.map((row) =>
    [row.instrumentId, row.otherInstrumentId, row.correlation, row.observations] as const
  );
}

async function listBetas(sql: Sql, ids: number[], benchmark: number) {
  const { from, to } = YEAR_2026;
  const rows = await sql<{ instrumentId: number; beta: number | null; observations: number }[]>`
    select * from market.betas(${ids}, ${benchmark}, '1day', ${from}, ${to}) order by instrument_id`;
  return rows.map((row) => [row.instrumentId, row.beta, row.observations] as const);
}

async function listRolling(sql: Sql, id: number, other: number, wanted: number | null) {
  const { from, to } = YEAR_2026;
  const rows = await sql<{ openedAt: Date; correlation: number | null }[]>`
    select * from market.rolling_correlation(${id}, ${other}, '1day', ${from}, ${to}, ${wanted})
    order by opened_at`;
  return rows.map((row) => [dateOf(row.openedAt), row.correlation] as const);
}

async function listAverages(sql: Sql, id: number, from: string, to: string) {
  return await sql.begin(async (tx) => {
    // Days of a connection's own zone would be 23 hours long on 8 March.
    await tx`set local time zone 'America/New_York'`;
    const rows = await tx<
      {
        tradedOn: string;
        close: string;
        average7Days: number | null;
        average30Days: number | null;
      }[]
    >`
      select
        traded_on::text, close, average_7_days as "average7Days", average_30_days as "average30Days"
      from market.moving_averages_of_days(${id}, ${from}, ${to}) order by traded_on`;
    return rows.map((row) => [row.tradedOn, row.close, row.average7Days, row.average30Days]);
  });
}

function assertClose(actual: number | null | undefined, expected: number, message?: string) {
  assert.ok(
    typeof actual === "number" &&
      Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}${message ? `: ${message}` : ""}`,
  );
}

forEachDatabase("Rebased lines all begin at 100, where all of them have a candle", async (
  { sql },
) => {
  const early = await storeCrypto(sql, march(50, 80, 60, 100));
  const late = await storeCrypto(sql, [
    ...march(null, 10, null, 9),
    ["2026-03-05", 12, "forming"],
  ]);
  assert.deepEqual(await listRebased(sql, [late, early]), [
    [early, "2026-03-02", 100],
    [early, "2026-03-03", 75],
    [early, "2026-03-04", 125],
    [late, "2026-03-02", 100],
    [late, "2026-03-04", 90],
    [late, "2026-03-05", 120],
  ], "nothing is filled in, and the forming candle is the newest value");
  assert.deepEqual(
    await listRebased(sql, [early, late, early, NOBODY]),
    await listRebased(sql, [early, late]),
    "an id named twice counts once, an unknown one not at all",
  );
  const window = { from: new Date("2026-03-04T00:00:00Z"), to: new Date("2026-03-05T00:00:00Z") };
  assert.deepEqual(await listRebased(sql, [early, late], window), [
    [early, "2026-03-04", 100],
    [late, "2026-03-04", 100],
  ], "one common instant: the window begins inclusive and ends exclusive");
});

forEachDatabase("Rebased lines without a common start are no lines", async ({ sql }) => {
  const even = await storeCrypto(sql, march(null, 10, null, 11));
  const odd = await storeCrypto(sql, march(20, null, 21, null));
  const none = await storeCrypto(sql, []);
  assert.deepEqual(await listRebased(sql, [even, odd]), []);
  assert.deepEqual(await listRebased(sql, []), []);
  assert.deepEqual(await listRebased(sql, [NOBODY, none]), []);
  assert.deepEqual(await listRebased(sql, [none, odd]), [
    [odd, "2026-03-01", 100],
    [odd, "2026-03-03", 105],
  ], "an instrument without candles is left out");
});

forEachDatabase("A line never begins at a price of zero, and may fall to it", async ({ sql }) => {
  const id = await storeCrypto(sql, march(0, 4, 0, 8));
  const other = await storeCrypto(sql, march(1, 1, 1, 1));
  assert.deepEqual(await listRebased(sql, [id, other]), [
    [id, "2026-03-02", 100],
    [id, "2026-03-03", 0],
    [id, "2026-03-04", 200],
    [other, "2026-03-02", 100],
    [other, "2026-03-03", 100],
    [other, "2026-03-04", 100],
  ]);
  const worthless = await storeCrypto(sql, march(0, 0, 0, 0));
  assert.deepEqual(await listRebased(sql, [id, worthless]), []);
});

forEachDatabase("A split inside the window is no fall", async ({ sql }) => {
  const id = await storeStock(sql, [
    ["2026-03-05", 400],
    ["2026-03-06", 440],
    ["2026-03-09", 99],
    ["2026-03-10", 121],
  ]);
  await sql`
    insert into market.splits (instrument_id, split_on, from_factor, to_factor, origin, recorded_at)
    values (${id}, '2026-03-09', 4, 1, 'provider', ${LOADED_AT})`;
  assert.deepEqual((await listRebased(sql, [id])).map(([, , value]) => value), [
    100,
    110,
    99,
    121,
  ]);
  const other = await storeStock(sql, [["2026-03-06", 10], ["2026-03-09", 11]]);
  assert.deepEqual(await listReturns(sql, id, other), [["2026-03-06", "2026-03-09", -10, 10]]);
  const [risk] = await listRisk(sql, [id]);
  assertClose(risk?.returnPercent, 100 * (1.21 ** (365.2425 / 5) - 1));
  const averages = await listAverages(sql, id, "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z");
  assert.deepEqual(averages, [["2026-03-10", "121", null, null]]);
  await storeMore(sql, id, [["2026-03-04", 480]]);
  // 120, 100, 110, 99 and 121 at the level of today.
  assert.deepEqual(
    await listAverages(sql, id, "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"),
    [["2026-03-10", "121", 110, null]],
  );
});

forEachDatabase("A week or month with a split inside ends with the close of its last day", async (
  { sql },
) => {
  // 401, 402 and so on from Monday 2 March 2026 to Friday 10 April; a quarter from 18 March on.
  const closes: Close[] = [];
  const others: Close[] = [];
  for (let ms = Date.UTC(2026, 2, 2); ms <= Date.UTC(2026, 3, 10); ms += 86_400_000) {
    if (new Date(ms).getUTCDay() % 6 === 0) continue;
    const price = 401 + closes.length;
    closes.push([dateOf(ms), ms < Date.UTC(2026, 2, 18) ? price : price / 4]);
    others.push([dateOf(ms), 10]);
  }
  const id = await storeStock(sql, closes);
  const other = await storeStock(sql, others);
  await sql`
    insert into market.splits (instrument_id, split_on, from_factor, to_factor, origin, recorded_at)
    values (${id}, '2026-03-18', 4, 1, 'provider', ${LOADED_AT})`;
  const two = (value: unknown) => Number(value).toFixed(2);
  const weeks = (await listRebased(sql, [id], YEAR_2026, "1week")).slice(0, 4);
  // Fridays of 405, 410, 415 and 420.
  assert.deepEqual(weeks.map(([, date, value]) => [date, two(value)]), [
    ["2026-03-02", "100.00"],
    ["2026-03-09", "101.23"],
    ["2026-03-16", "102.47"],
    ["2026-03-23", "103.70"],
  ]);
  const returns = (await listReturns(sql, id, other, "1week")).slice(0, 3);
  assert.deepEqual(returns.map(([, date, percent]) => [date, two(percent)]), [
    ["2026-03-09", "1.23"],
    ["2026-03-16", "1.22"],
    ["2026-03-23", "1.20"],
  ]);
  // March ends with 422, its 22nd weekday, and what there is of April with 430.
  const { from, to } = YEAR_2026;
  const [month] = await sql`
    select return_percent from market.performance_ranking(${[id, other]}, '1month', ${from}, ${to})
    where instrument_id = ${id}`;
  assert.equal(two(month!.returnPercent), "1.90");
  const trend = await sql`
    select value from market.class_trends('simulator', '1week', ${from}, ${to}) order by opened_at`;
  assert.deepEqual(trend.slice(1, 3).map(({ value }) => two(value)), ["100.62", "101.23"]);
  // Without its days nothing is known of the level of its close.
  await sql`
    update market.candles set candle_interval = '1week', opened_at = '2026-03-16Z'
    where instrument_id = ${id} and opened_at = '2026-03-16Z'`;
  await sql`delete from market.candles where instrument_id = ${id} and candle_interval = '1day'`;
  await sql`select market.rebuild_rollups(${id})`;
  assert.deepEqual(await listRebased(sql, [id], YEAR_2026, "1week"), []);
});

forEachDatabase("A bound that is null bounds nothing", async ({ sql }) => {
  const id = await storeCrypto(sql, march(100, 110, 99, 108.9));
  const other = await storeCrypto(sql, march(10, 12, 11, 13));
  const wide = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" };
  const ids = [id, other];
  for (
    const { from, to } of [{ from: null, to: null }, { ...wide, to: null }, { ...wide, from: null }]
  ) {
    const ask = async (from: string | null, to: string | null) => {
      const begin = sql`${from}::text::timestamptz`;
      const end = sql`${to}::text::timestamptz`;
      return [
        await sql`select * from market.rebased(${ids}, '1day', ${begin}, ${end}) order by 1, 2`,
        await sql`
          select * from market.aligned_returns(${ids}, ${ids}, '1day', ${begin}, ${end})
          order by 1, 2, 3`,
        await sql`select * from market.risk_and_return(${ids}, ${begin}, ${end}) order by 1`,
        await sql`
          select * from market.performance_ranking(${ids}, '1day', ${begin}, ${end}) order by 1`,
        await sql`
          select * from market.class_trends('simulator', '1day', ${begin}, ${end}) order by 1, 2`,
        await sql`select * from market.moving_averages_of_days(${id}, ${begin}, ${end}) order by 1`,
      ].map((rows) => [...rows]);
    };
    const answers = await ask(from, to);
    assert.deepEqual(answers, await ask(wide.from, wide.to));
    assert.deepEqual(answers.map((rows) => rows.length), [8, 12, 2, 2, 4, 4]);
  }
});

forEachDatabase("Returns of a stock and of crypto span the same days over a weekend", async (
  { sql },
) => {
  // 2026-03-06 is a Friday; the clocks change on the 8th.
  const stock = await storeStock(sql, [
    ["2026-03-06", 100],
    ["2026-03-09", 110],
    ["2026-03-10", 99],
    ["2026-03-11", 1, "forming"],
  ]);
  const crypto = await storeCrypto(sql, [
    ["2026-03-05", 150],
    ["2026-03-06", 200],
    ["2026-03-07", 220],
    ["2026-03-08", 210],
    ["2026-03-09", 180],
    ["2026-03-10", 198],
    ["2026-03-11", 400],
  ]);
  assert.deepEqual(await listReturns(sql, stock, crypto), [
    ["2026-03-06", "2026-03-09", 10, -10],
    ["2026-03-09", "2026-03-10", -10, 10],
  ]);
  assert.deepEqual(await listReturns(sql, crypto, stock), [
    ["2026-03-06", "2026-03-09", -10, 10],
    ["2026-03-09", "2026-03-10", 10, -10],
  ]);
  const [first] = await listReturns(sql, crypto, crypto);
  assert.equal(first?.[1], "2026-03-06", "beside itself it has every day");
});

forEachDatabase("A holiday of one exchange is spanned by the return of the other", async (
  { sql },
) => {
  // 31 August 2026 is a holiday in London, 7 September one in New York.
  const newYork = await storeStock(sql, [
    ["2026-08-28", 100],
    ["2026-08-31", 120],
    ["2026-09-01", 150],
    ["2026-09-04", 120],
    ["2026-09-08", 180],
  ]);
  const london = await store(sql, { ...AAPL, exchangeTimezone: "Europe/London" }, [
    ["2026-08-28", 10],
    ["2026-09-01", 11],
    ["2026-09-04", 22],
    ["2026-09-07", 44],
    ["2026-09-08", 33],
  ]);
  assert.deepEqual(await listReturns(sql, newYork, london), [
    ["2026-08-28", "2026-09-01", 50, 10],
    ["2026-09-01", "2026-09-04", -20, 100],
    ["2026-09-04", "2026-09-08", 50, 50],
  ]);
});

forEachDatabase("A price of zero has no return after it", async ({ sql }) => {
  const id = await storeCrypto(sql, march(10, 0, 5, 6));
  const other = await storeCrypto(sql, march(10, 11, 22, 33));
  assert.deepEqual(await listReturns(sql, id, other), [
    ["2026-03-01", "2026-03-02", -100, 10],
    ["2026-03-03", "2026-03-04", 20, 50],
  ]);
});

forEachDatabase("Hourly candles are aligned by the instants at which they open", async (
  { sql },
) => {
  // New York opens at 14:30 UTC on Friday and, in summer time, at 13:30 on Monday.
  const hours: Close[] = [
    ["2026-03-06T19:30:00Z", 100],
    ["2026-03-06T20:30:00Z", 110],
    ["2026-03-09T13:30:00Z", 121],
    ["2026-03-09T14:30:00Z", 133.1],
  ];
  const stock = await storeStock(sql, hours, "1h");
  const other = await storeStock(sql, hours.map(([at], i): Close => [at, 2 ** i]), "1h");
  const crypto = await storeCrypto(sql, [
    ["2026-03-06T19:00:00Z", 100],
    ["2026-03-06T20:00:00Z", 110],
    ["2026-03-09T13:00:00Z", 100],
    ["2026-03-09T14:00:00Z", 110],
  ], "1h");
  const returns = await listReturns(sql, stock, other, "1h");
  assert.deepEqual(returns.map(([from, to, , percent]) => [from, to, percent]), [
    ["2026-03-06", "2026-03-06", 100],
    ["2026-03-06", "2026-03-09", 100],
    ["2026-03-09", "2026-03-09", 100],
  ]);
  assert.deepEqual(await listReturns(sql, stock, crypto, "1h"), [], "half past is not the hour");
});

/** Returns of 10, 20, 30, 40 per cent, and of 60, 20, 40, 60. */
async function storeTwo(sql: Sql): Promise<[number, number]> {
  return [
    await storeCrypto(sql, march(100, 110, 132, 171.6, 240.24)),
    await storeCrypto(sql, march(100, 160, 192, 268.8, 430.08)),
  ];
}

forEachDatabase("Correlations are a full matrix with 1 on its diagonal", async ({ sql }) => {
  const first = await storeCrypto(sql, march(100, 110, 132, 171.6));
  const second = await storeCrypto(sql, march(100, 160, 192, 268.8));
  const opposite = await storeCrypto(sql, march(100, 90, 72, 50.4));
  const matrix = await listCorrelations(sql, [opposite, first, second, first, NOBODY]);
  // Deviations of 10, 20, 30 and of 60, 20, 40: -200 / sqrt(200 × 800); of -10, -20, -30: -1.
  const expected = [
    [first, first, 1],
    [first, second, -0.5],
    [first, opposite, -1],
    [second, first, -0.5],
    [second, second, 1],
    [second, opposite, 0.5],
    [opposite, first, -1],
    [opposite, second, 0.5],
    [opposite, opposite, 1],
  ] as const;
  assert.deepEqual(
    matrix.map(([id, other, , observations]) => [id, other, observations]),
    expected.map(([id, other]) => [id, other, 3]),
  );
  for (const [i, [id, other, correlation]] of expected.entries()) {
    assertClose(matrix[i]![2], correlation, `${id} and ${other}`);
    if (id === other) assert.equal(matrix[i]![2], 1);
  }
});

forEachDatabase("Correlations are null where returns are few or do not vary", async ({ sql }) => {
  const few = await storeCrypto(sql, march(100, 110, 99));
  const flat = await storeCrypto(sql, march(5, 5, 5, 5, 5));
  // 7 per cent a day; in floating point they differ in the 15th digit.
  const growing = march("100", "107", "114.49", "122.5043", "131.079601");
  const steady = await storeCrypto(sql, growing);
  const moving = await storeCrypto(sql, march(7, 8, 7, 9, 6));
  const again = await storeCrypto(sql, growing);
  const none = await storeCrypto(sql, []);
  const matrix = await listCorrelations(sql, [few, flat, steady, moving, again, none]);
  const known = matrix.filter(([, , correlation]) => correlation !== null);
  assert.deepEqual(known, [[moving, moving, 1, 4]], "also on the diagonal");
  const observations = matrix.filter(([id]) => id === moving).map(([, , , count]) => count);
  assert.deepEqual(observations, [2, 4, 4, 4, 4, 0]);
  assert.equal(matrix.length, 36);
  assert.deepEqual(await listBetas(sql, [moving], steady), [[moving, null, 4]]);
  assert.deepEqual(await listCorrelations(sql, []), []);
});

forEachDatabase("A correlation is never above 1, however it rounds", async ({ sql }) => {
  // Nine times the price: the sums give 1.0000000000000002.
  const id = await storeCrypto(sql, march("10.9", "18.7", "5.4", "18.3"));
  const other = await storeCrypto(sql, march("98.1", "168.3", "48.6", "164.7"));
  const matrix = await listCorrelations(sql, [id, other]);
  assert.deepEqual(matrix.map(([, , correlation]) => correlation), [1, 1, 1, 1]);
});

forEachDatabase("A rolling correlation is null until it has enough returns", async ({ sql }) => {
  const [id, other] = await storeTwo(sql);
  const rolling = await listRolling(sql, id, other, 3);
  assert.deepEqual(rolling.map(([date]) => date), [
    "2026-03-02",
    "2026-03-03",
    "2026-03-04",
    "2026-03-05",
  ]);
  assert.deepEqual(rolling.slice(0, 2).map(([, correlation]) => correlation), [null, null]);
  assertClose(rolling[2]![1], -0.5);
  assertClose(rolling[3]![1], 1, "the first return has left the window");
  const four = (await listRolling(sql, id, other, 4)).map(([, value]) => value);
  assert.deepEqual(four.slice(0, 3), [null, null, null]);
  // Deviations -15, -5, 5, 15 and 15, -25, -5, 15: 100 / sqrt(500 × 1100).
  assertClose(four[3], 100 / Math.sqrt(550_000));
  for (const tooFew of [2, 0, -5, null]) {
    const values = (await listRolling(sql, id, other, tooFew)).map(([, value]) => value);
    assert.deepEqual(values, [null, null, null, null], `${tooFew} returns`);
  }
  const flat = await storeCrypto(sql, march(5, 5, 5, 5, 5, 5));
  assert.deepEqual(
    new Set((await listRolling(sql, id, flat, 3)).map(([, r]) => r)),
    new Set([null]),
  );
  assert.deepEqual(await listRolling(sql, id, NOBODY, 3), []);
});

forEachDatabase("Beta is the covariance with the benchmark over its variance", async ({ sql }) => {
  const [benchmark, id] = await storeTwo(sql);
  const flat = await storeCrypto(sql, march(5, 5, 5, 5, 5));
  const few = await storeCrypto(sql, march(5, 6, 7));
  const betas = await listBetas(sql, [benchmark, id, flat, few, id, NOBODY], benchmark);
  assert.deepEqual(betas.map(([of, , observations]) => [of, observations]), [
    [benchmark, 4],
    [id, 4],
    [flat, 4],
    [few, 2],
  ]);
  assert.equal(betas[0]![1], 1);
  // Deviations -15, -5, 5, 15 and 15, -25, -5, 15: 100 / 500.
  assertClose(betas[1]![1], 0.2);
  assert.deepEqual(betas.slice(2).map(([, beta]) => beta), [0, null]);
  assert.deepEqual(await listBetas(sql, [id], flat), [[id, null, 4]], "a flat benchmark has none");
  assert.deepEqual(await listBetas(sql, [id], NOBODY), [[id, null, 0]]);
});

interface RiskRow {
  instrumentId: number;
  dates: [string, string];
  observations: number;
  returnPercent: number | null;
  volatilityPercent: number | null;
}

async function listRisk(sql: Sql, ids: number[], { from, to }: Window = YEAR_2026) {
  return [
    ...await sql<RiskRow[]>`
      select
        instrument_id, observations, return_percent_per_year as return_percent,
        volatility_percent_per_year as volatility_percent,
        array[first_traded_on, last_traded_on]::text[] as dates
      from market.risk_and_return(${ids}, ${from}, ${to}) order by instrument_id`,
  ];
}

forEachDatabase("Risk and return are those of a year, with the trading days of each kind", async (
  { sql },
) => {
  // Returns of 10, -10 and 10 per cent: deviations of 20/3, -40/3 and 20/3.
  const closes = march(100, 110, 99, 108.9);
  const deviation = Math.sqrt((400 / 9 + 1600 / 9 + 400 / 9) / 2);
  const days = { crypto: 365, stock: 252, forex: 260 } as const;
  for (const [kind, perYear] of Object.entries(days)) {
    const id = await store(sql, { kind: kind as keyof typeof days }, closes);
    const [row] = await listRisk(sql, [id, id, NOBODY]);
    assert.deepEqual([row?.dates, row?.observations], [["2026-03-01", "2026-03-04"], 3]);
    assertClose(row?.volatilityPercent, deviation * Math.sqrt(perYear), kind);
    assertClose(row?.returnPercent, 100 * (1.089 ** (365.2425 / 3) - 1), kind);
  }
});

forEachDatabase("A missing day and a leap day change no return of a year", async ({ sql }) => {
  const window = { from: new Date("2027-01-01T00:00:00Z"), to: new Date("2030-01-01T00:00:00Z") };
  const whole: Close[] = [
    ["2028-02-28", 100],
    ["2028-02-29", 150],
    ["2028-03-01", 90],
    ["2028-03-02", 100],
    ["2029-02-28", 121],
    ["2029-03-01", 500, "forming"],
  ];
  const id = await storeCrypto(sql, whole);
  const holed = await storeCrypto(sql, whole.filter(([date]) => date !== "2028-03-01"));
  for (const row of await listRisk(sql, [id, holed], window)) {
    assert.deepEqual(row.dates, ["2028-02-28", "2029-02-28"]);
    assertClose(row.returnPercent, 100 * (1.21 ** (365.2425 / 366) - 1));
  }
});

forEachDatabase("Risk and return are null or defined where there is little to compute", async (
  { sql },
) => {
  const two = await storeCrypto(sql, march(100, 110, 99));
  const one = await storeCrypto(sql, march(100));
  const none = await storeCrypto(sql, []);
  const flat = await storeCrypto(sql, march(5, 5, 5, 5));
  const ruined = await storeCrypto(sql, march(5, 6, 5, 0));
  const risen = await storeCrypto(sql, march(0, 1, 2, 3, 5));
  const rocket = await storeCrypto(sql, march("0.000001", "0.001", "1", "1000000"));
  const crashed = await storeCrypto(sql, march("1000000", "1", "0.001", "0.000001"));
  const rows = await listRisk(sql, [two, one, none, flat, ruined, risen, rocket, crashed]);
  const values = new Map(rows.map((row) => [row.instrumentId, row]));
  const ofReturn = (id: number) => values.get(id)?.returnPercent;
  assert.equal(values.has(none), false);
  assert.deepEqual([ofReturn(two), values.get(two)?.volatilityPercent], [null, null]);
  assert.deepEqual([values.get(one)?.observations, ofReturn(one)], [0, null]);
  assert.deepEqual([ofReturn(flat), values.get(flat)?.volatilityPercent], [0, 0]);
  assert.equal(ofReturn(ruined), -100);
  assert.deepEqual([values.get(risen)?.observations, ofReturn(risen)], [3, null]);
  assert.deepEqual([ofReturn(rocket), ofReturn(crashed)], [null, null]);
  assert.ok(Number.isFinite(values.get(rocket)?.volatilityPercent));
});

forEachDatabase("A ranking compounds over the window that all share", async ({ sql }) => {
  const ranking = async (...ids: number[]) => {
    const { from, to } = YEAR_2026;
    const rows = await sql<
      {
        instrumentId: number;
        place: number;
        returnPercent: number;
        startedAt: Date;
        endedAt: Date;
      }[]
    >`
      select * from market.performance_ranking(${ids}, '1day', ${from}, ${to})
      order by place, instrument_id`;
    return rows.map((row) => [
      row.place,
      row.instrumentId,
      row.returnPercent,
      dateOf(row.startedAt),
      dateOf(row.endedAt),
    ]);
  };
  // +50 % and then -50 % is -25 %, not 0.
  const swinging = await storeCrypto(sql, march(10, 100, 150, 75, 500));
  const falling = await storeCrypto(sql, march(null, 4, 4, 3));
  const best = await storeCrypto(sql, march(null, 10, null, 12));
  const shared = ["2026-03-02", "2026-03-04"];
  assert.deepEqual(await ranking(swinging, best, falling, best, NOBODY), [
    [1, best, 20, ...shared],
    [2, swinging, -25, ...shared],
    [2, falling, -25, ...shared],
  ]);
  const apart = await storeCrypto(sql, march(null, null, 1));
  assert.deepEqual(await ranking(best, apart), []);
});

forEachDatabase("A class trend is the mean line of a kind where all of it have a candle", async (
  { sql },
) => {
  const trends = async () => {
    const { from, to } = YEAR_2026;
    const rows = await sql<
      { kind: string; openedAt: Date; value: number; instrumentCount: number }[]
    >`
      select * from market.class_trends('simulator', '1day', ${from}, ${to})
      order by kind, opened_at`;
    return rows.map((r) => [r.kind, dateOf(r.openedAt), r.value, r.instrumentCount]);
  };
  assert.deepEqual(await trends(), []);
  // The dear one in yen does not weigh more than the cheap one in dollars.
  await store(sql, { ...AAPL, currency: "JPY" }, march(50_000, 40_000, 44_000, 60_000, 20_000));
  const cheap = await store(sql, AAPL, march(null, 2, 2.6, null, 3));
  await storeStock(sql, []);
  await store(sql, { ...AAPL, source: "import" }, march(1, 2, 3, 4, 5));
  await storeCrypto(sql, march(8, 4));
  assert.deepEqual(await trends(), [
    ["crypto", "2026-03-01", 100, 1],
    ["crypto", "2026-03-02", 50, 1],
    ["stock", "2026-03-02", 100, 2],
    ["stock", "2026-03-03", 120, 2],
    ["stock", "2026-03-05", 100, 2],
  ]);
  await sql`update market.instruments set is_active = false where id = ${cheap}`;
  assert.equal((await trends()).length, 7, "the other stock's own five days");
});

forEachDatabase("Moving averages are over days, not over candles", async ({ sql }) => {
  // Weekdays from Monday 2 February to Tuesday 10 March 2026: 1, 2, 3 and so on; then one that forms.
  const closes: Close[] = [];
  for (let ms = Date.UTC(2026, 1, 2); ms <= Date.UTC(2026, 2, 10); ms += 86_400_000) {
    if (new Date(ms).getUTCDay() % 6 !== 0) closes.push([dateOf(ms), closes.length + 1]);
  }
  const id = await storeStock(sql, [...closes, ["2026-03-11", 900, "forming"]]);
  const all = await listAverages(sql, id, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z");
  assert.deepEqual(all.slice(4, 6), [
    ["2026-02-06", "5", null, null],
    ["2026-02-09", "6", 4, null],
  ], "on the 9th the 7 days from the 3rd hold five candles: 2 to 6");
  assert.deepEqual(all.slice(22), [
    // The 30 days up to Tuesday the 3rd begin on Monday the 2nd of February: 1 to 22.
    ["2026-03-04", "23", 21, 12.5],
    ["2026-03-05", "24", 22, 13.5],
    ["2026-03-06", "25", 23, 14.5],
    ["2026-03-09", "26", 24, 16],
    ["2026-03-10", "27", 25, 16.5],
  ]);
  assert.deepEqual(all[21], ["2026-03-03", "22", 20, 11.5]);
  assert.deepEqual(all[20], ["2026-03-02", "21", 19, null]);
  assert.deepEqual(
    await listAverages(sql, id, "2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z"),
    [["2026-03-05", "24", 22, 13.5]],
    "what lies before the window is in the averages",
  );
  const crypto = await storeCrypto(sql, march(1, 2, 3, 4, 5, 6, 7, 8));
  assert.deepEqual(
    await listAverages(sql, crypto, "2026-03-06T00:00:00Z", "2027-01-01T00:00:00Z"),
    [["2026-03-06", "6", null, null], ["2026-03-07", "7", 4, null], ["2026-03-08", "8", 5, null]],
    "the seventh date is the first that has seven",
  );
  assert.deepEqual(
    await listAverages(sql, NOBODY, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"),
    [],
  );
});

/** What TypeScript makes of two series: returns between common days, two passes over them. */
function correlate(a: (number | null)[], b: (number | null)[]) {
  const days = a.flatMap((close, i) =>
    close === null || b[i] === null ? [] : [[close, b[i]!] as const]
  );
  const returns = days.slice(1).flatMap(([x, y], i) => {
    const [before, otherBefore] = days[i]!;
    return before === 0 || otherBefore === 0
      ? []
      : [[x / before - 1, y / otherBefore - 1] as const];
  });
  const count = returns.length;
  const mean = [0, 1].map((k) => returns.reduce((sum, pair) => sum + pair[k]!, 0) / count);
  const sum = (k: number, l: number) =>
    returns.reduce((total, r) => total + (r[k]! - mean[k]!) * (r[l]! - mean[l]!), 0);
  const varies = (k: number) => count >= 3 && Math.sqrt(sum(k, k) / count) > 1e-12;
  return {
    count,
    correlation: varies(0) && varies(1)
      ? sum(0, 1) / Math.sqrt(sum(0, 0)) / Math.sqrt(sum(1, 1))
      : null,
    beta: varies(1) ? sum(0, 1) / sum(1, 1) : null,
  };
}

forEachDatabase("Correlations and betas agree with TypeScript on random series with holes", async (
  { sql },
) => {
  const close = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(0, 100) },
  );
  const series = fc.array(fc.array(close, { minLength: 12, maxLength: 12 }), {
    minLength: 2,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(series, fc.integer({ min: 2, max: 9 }), async (random, factor) => {
      // One moves exactly as another does.
      const all = [...random, random[0]!.map((value) => value === null ? null : value * factor)];
      const ids = [];
      for (const closes of all) ids.push(await storeCrypto(sql, march(...closes)));
      const matrix = await listCorrelations(sql, ids);
      assert.equal(matrix.length, all.length ** 2);
      for (const [id, other, correlation, observations] of matrix) {
        const expected = correlate(all[ids.indexOf(id)]!, all[ids.indexOf(other)]!);
        assert.equal(observations, expected.count);
        if (expected.correlation === null) assert.equal(correlation, null);
        else assertClose(correlation, expected.correlation);
        assert.ok(correlation === null || Math.abs(correlation) <= 1, `${correlation}`);
      }
      for (const [id, beta, observations] of await listBetas(sql, ids, ids[1]!)) {
        const expected = correlate(all[ids.indexOf(id)]!, all[1]!);
        assert.equal(observations, expected.count);
        if (expected.beta === null) assert.equal(beta, null);
        else assertClose(beta, expected.beta);
      }
    }),
    { numRuns: 25 },
  );
});
