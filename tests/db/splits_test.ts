import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sql } from "../../db/connect.ts";
import {
  listSplits,
  listSuspectedSplits,
  type StoredSplit,
  type SuspectedSplit,
  upsertSplits,
} from "../../db/splits.ts";
import type { Candle } from "../../market/candle.ts";
import type { Source } from "../../market/instrument.ts";
import type { Interval } from "../../market/interval.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, realCandles, storeInstrument } from "../support/market.ts";

const LOADED_AT = new Date("2026-11-20T12:00:00Z");
const DAY_MS = 86_400_000;

/** The first date at the new price, then new and old shares. */
type Factors = [splitOn: string, fromFactor: string | number, toFactor: string | number];

async function recordSplits(sql: Sql, instrumentId: number, splits: Factors[], dryRun = false) {
  return await upsertSplits(sql, {
    splits: splits.map(([splitOn, fromFactor, toFactor]): StoredSplit => ({
      instrumentId,
      splitOn,
      fromFactor: String(fromFactor),
      toFactor: String(toFactor),
      description: null,
    })),
    origin: "import",
    recordedAt: LOADED_AT,
  }, { dryRun });
}

async function storeCandles(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  candles: Candle[],
  { runId = 1, loadedAt = LOADED_AT } = {},
) {
  await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final, run_id,
      loaded_at
    )
    select ${instrumentId}, ${interval}, r.*, ${runId}, ${loadedAt} from unnest(
      ${candles.map((c) => c.openedAt.toISOString())}::timestamptz[],
      ${candles.map((c) => c.open)}::numeric[], ${candles.map((c) => c.high)}::numeric[],
      ${candles.map((c) => c.low)}::numeric[], ${candles.map((c) => c.close)}::numeric[],
      ${candles.map((c) => c.volume)}::numeric[],
      ${candles.map((c) => String(c.isFinal))}::text[]::boolean[]
    ) r`;
}

async function listAdjusted(sql: Sql, instrumentId: number) {
  const rows = await sql<
    (Pick<Candle, "openedAt" | "close" | "volume"> & { priceFactor: string; spansSplit: boolean })[]
  >`
    select opened_at, close, volume, price_factor, spans_split
    from market.candles_adjusted where instrument_id = ${instrumentId}
    order by candle_interval, opened_at`;
  return [...rows];
}

async function suspected(sql: Sql, source: Source = "simulator", since?: string) {
  return [
    ...await listSuspectedSplits(sql, source, { since: since ? new Date(since) : undefined }),
  ];
}

forEachDatabase("A split is stored once, replaced when it changes, and else not written", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  const splits: Factors[] = [["2020-08-31", 4, 1], ["2014-06-09", 7, 1]];
  assert.deepEqual(await recordSplits(sql, id, splits, true), {
    inserted: 2,
    changed: 0,
    unchanged: 0,
  });
  assert.equal((await listSplits(sql, id)).length, 0, "a dry run stores nothing");
  await recordSplits(sql, id, splits);
  const stored = (await listSplits(sql, id)).map((split) =>
    Object.values(split).slice(1, 4).join(" ")
  );
  assert.deepEqual(stored, ["2014-06-09 7 1", "2020-08-31 4 1"], "oldest first");
  const versions = async () => await sql`select xmin::text, ctid::text from market.splits`.values();
  const before = await versions();
  const again = await recordSplits(sql, id, splits);
  assert.deepEqual(again, { inserted: 0, changed: 0, unchanged: 2 });
  assert.deepEqual(await versions(), before);
  const corrected = await recordSplits(sql, id, [["2020-08-31", 4, 1], ["2014-06-09", 6, 1]]);
  assert.deepEqual(corrected, { inserted: 0, changed: 1, unchanged: 1 });
  assert.equal((await listSplits(sql, id))[0]!.fromFactor, "6");
});

forEachDatabase("A factor that is not a positive number cannot be stored", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  for (const factor of ["0", "-4", "NaN", "Infinity"]) {
    for (const split of [["2020-08-31", factor, 1], ["2020-08-31", 1, factor]] as Factors[]) {
      await assert.rejects(recordSplits(sql, id, [split]), /splits_factors_are_positive/, factor);
    }
  }
});

forEachDatabase("candles_adjusted brings prices and volumes before a split to its level", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  await storeCandles(sql, id, "1day", [
    candle("2020-08-27T00:00:00Z", "500.04", { volume: null }),
    candle("2020-08-28T00:00:00Z", "499.23", { volume: "46907479" }),
    candle("2020-08-31T00:00:00Z", "129.040", { volume: "225702688" }),
  ]);
  const before = await listAdjusted(sql, id);
  assert.deepEqual(before.map((c) => c.close), ["500.04", "499.23", "129.040"]);
  assert.deepEqual(before.map((c) => c.priceFactor), ["1", "1", "1"]);
  const raw = async () => await sql`select * from market.candles order by opened_at`.values();
  const stored = await raw();
  await recordSplits(sql, id, [["2020-08-31", 4, 1]]);
  const adjusted = await listAdjusted(sql, id);
  assert.deepEqual(adjusted.map((c) => c.close), ["125.01", "124.8075", "129.040"]);
  assert.deepEqual(adjusted.map((c) => c.volume), [null, "187629916", "225702688"]);
  assert.deepEqual(adjusted.map((c) => c.priceFactor), ["0.25", "0.25", "1"]);
  assert.deepEqual(await raw(), stored, "raw candles stay raw");
});

const FACTORS = [[2, 1], [4, 1], [7, 1], [3, 2], [5, 4], [1, 3], [1, 10], [21, 20]] as const;

forEachDatabase(
  "candles_adjusted is exact and has no artificial jump, whatever splits there are",
  async ({ sql }) => {
    let count = 0;
    const day = (index: number) => new Date(Date.UTC(2020, 0, 1) + index * DAY_MS);
    const dateOf = (index: number) => day(index).toISOString().slice(0, 10);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 100, max: 1_000_00 }), { minLength: 12, maxLength: 12 }),
        fc.uniqueArray(
          fc.record({ on: fc.nat({ max: 12 }), factor: fc.constantFrom(...FACTORS) }),
          { selector: ({ on }) => on, maxLength: 6 },
        ),
        async (cents, splits) => {
          const { id } = await storeInstrument(sql, { ...AAPL, symbol: `S${count++}` });
          const fractions = cents.map((_, index) => {
            const later = splits.filter(({ on }) => on > index);
            return {
              from: later.reduce((product, { factor }) => product * BigInt(factor[0]), 1n),
              to: later.reduce((product, { factor }) => product * BigInt(factor[1]), 1n),
            };
          });
          // What traded then: the price of today × from / to, to 12 decimals.
          const raw = cents.map((price, index) => {
            const { from, to } = fractions[index]!;
            return decimal((BigInt(price) * 10n ** 10n * from) / to);
          });
          await storeCandles(
            sql,
            id,
            "1day",
            raw.map((close, index) => candle(day(index).toISOString(), close)),
          );
          await recordSplits(
            sql,
            id,
            splits.map(({ on, factor }) => [dateOf(on), factor[0], factor[1]]),
          );
          const adjusted = (await listAdjusted(sql, id)).map(({ close }) => close);
          adjusted.forEach((close, index) => {
            const { from, to } = fractions[index]!;
            const rounded = (scaled(raw[index]!) * to * 2n + from) / (from * 2n);
            assert.equal(scaled(close), rounded, `${raw[index]} × ${to}/${from}`);
            const ratio = Number(close) / (cents[index]! / 100);
            assert.ok(Math.abs(ratio - 1) < 1e-6, `${close} where ${cents[index]} cents are due`);
          });
        },
      ),
      { numRuns: 25 },
    );
  },
);

/** Decimal text as an integer of 12 decimals, and back. */
function scaled(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(12, "0"));
}

function decimal(value: bigint): string {
  const digits = String(value).padStart(13, "0");
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

forEachDatabase("The trading date of an intraday candle is that of its exchange", async (
  { sql },
) => {
  const split: Factors = ["2020-08-31", 4, 1];
  const cases = [
    // 08-30 in New York, 08-31 in Tokyo and in UTC.
    ["America/New_York", "2020-08-31T00:30:00Z", "25"],
    ["America/New_York", "2020-08-31T04:00:00Z", "100"],
    ["Asia/Tokyo", "2020-08-30T15:00:00Z", "100"],
    ["Asia/Tokyo", "2020-08-30T14:59:00Z", "25"],
    [null, "2020-08-30T23:59:00Z", "25"],
    [null, "2020-08-31T00:00:00Z", "100"],
  ] as const;
  for (const [index, [exchangeTimezone, openedAt, close]] of cases.entries()) {
    const { id } = await storeInstrument(sql, { ...AAPL, symbol: `S${index}`, exchangeTimezone });
    await recordSplits(sql, id, [split]);
    await storeCandles(sql, id, "1min", [candle(openedAt, "100")]);
    assert.equal((await listAdjusted(sql, id))[0]!.close, close, `${exchangeTimezone} ${openedAt}`);
    // Whatever the zone, a daily candle carries its date.
    await sql`delete from market.candles`;
    await storeCandles(sql, id, "1day", [candle("2020-08-31T00:00:00Z", "100")]);
    assert.equal((await listAdjusted(sql, id))[0]!.close, "100");
    await sql`delete from market.candles`;
  }
});

forEachDatabase(
  "A week or month with a split inside is adjusted as its first date, and says so",
  async (
    { sql },
  ) => {
    const { id } = await storeInstrument(sql, AAPL);
    await recordSplits(sql, id, [["2020-08-26", 4, 1]]);
    await storeCandles(sql, id, "1month", [
      candle("2020-07-01T00:00:00Z", "400"),
      candle("2020-08-01T00:00:00Z", "400"),
      candle("2020-09-01T00:00:00Z", "100"),
    ]);
    await storeCandles(sql, id, "1week", [
      candle("2020-08-17T00:00:00Z", "400"),
      candle("2020-08-24T00:00:00Z", "400"),
      candle("2020-08-31T00:00:00Z", "100"),
    ]);
    const adjusted = await listAdjusted(sql, id);
    assert.deepEqual(adjusted.map((c) => c.close), Array(6).fill("100"));
    assert.deepEqual(adjusted.map((c) => c.spansSplit), [false, true, false, false, true, false]);
  },
);

forEachDatabase("candles_adjusted reads only the candles that are asked for", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  await fillHours(sql, id, 20_000);
  await recordSplits(sql, id, [["2020-08-31", 4, 1], ["2021-08-31", 3, 1]]);
  const read = await rowsRead(
    sql,
    `select * from market.candles_adjusted where instrument_id = ${id} and candle_interval = '1h'
     and opened_at >= '2021-01-01' order by opened_at desc limit 300`,
  );
  assert.ok(read <= 300, `${read} candles are read for 300`);
});

async function fillHours(sql: Sql, id: number, count: number) {
  await sql`
    insert into market.candles
    select ${id}, '1h', '2020-01-01'::timestamptz + n * interval '1 hour', 1, 1, 1, 1, 1, true, 1,
      ${LOADED_AT}
    from generate_series(1, ${count}) n`;
  await sql`analyze market.candles`;
}

interface Plan {
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Plan[];
}

/** How many rows of `market.candles` a query takes up to look at. */
async function rowsRead(sql: Sql, query: string): Promise<number> {
  const [[explained]] = await sql.unsafe(`explain (analyze, format json) ${query}`)
    .values() as unknown as [[[{ Plan: Plan }]]];
  return count(explained[0].Plan);

  function count(plan: Plan): number {
    const below = (plan.Plans ?? []).reduce((sum, child) => sum + count(child), 0);
    if (plan["Relation Name"] !== "candles") return below;
    const rows = plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0);
    return below + rows * plan["Actual Loops"];
  }
}

/** Real daily candles: 2015 to 2017 of AAPL (prices adjusted for its later split). */
const REAL_AAPL = realCandles("aapl_1day_2015-2017.csv");
/** The S&P 500 in the crashes of 2008 and 2020. */
const REAL_CRASHES = realCandles("spx_1day_crashes.csv");

/** The candles as they would have traded before a split on the date of the candle at `index`. */
function beforeSplit(candles: Candle[], index: number, from: number, to: number): Candle[] {
  const times = (text: string, factor: number) => (Number(text) * factor).toFixed(9);
  return candles.map((each, at) =>
    at >= index ? each : {
      ...each,
      open: times(each.open, from / to),
      high: times(each.high, from / to),
      low: times(each.low, from / to),
      close: times(each.close, from / to),
      volume: each.volume && times(each.volume, to / from),
    }
  );
}

forEachDatabase("Real prices, crashes among them, look like no split", async ({ sql }) => {
  const stock = await storeInstrument(sql, AAPL);
  await storeCandles(sql, stock.id, "1day", REAL_AAPL);
  const etf = await storeInstrument(sql, { ...AAPL, symbol: "SPY", kind: "etf" });
  await storeCandles(sql, etf.id, "1day", REAL_CRASHES);
  assert.deepEqual(await suspected(sql), []);
});

forEachDatabase("An unrecorded split of any usual ratio is seen, with its factors", async (
  { sql },
) => {
  const ratios = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100].flatMap((
    n,
  ) => [[n, 1], [1, n]]);
  for (const [from, to] of [...ratios, [3, 2], [4, 3], [2, 3], [3, 4]] as [number, number][]) {
    const { id } = await storeInstrument(sql, { ...AAPL, symbol: `S${from}:${to}` });
    // A day that opens 0.2 % above the last close, on 0.9 of its volume.
    const at = REAL_AAPL.findIndex(({ openedAt }) =>
      openedAt.toISOString().startsWith("2016-08-02")
    );
    await storeCandles(sql, id, "1day", beforeSplit(REAL_AAPL.slice(0, at + 30), at, from, to));
    const [found, ...others] = (await suspected(sql))
      .filter(({ instrumentId }) => instrumentId === id);
    assert.ok(found, `${from}:${to} is seen`);
    assert.deepEqual(others, [], `${from}:${to} once`);
    assert.deepEqual(
      [found.noticedOn, found.kind, found.fromFactor, found.toFactor, found.candleInterval],
      ["2016-08-02", "unrecorded_split", String(from), String(to), "1day"],
    );
    assert.ok(Math.abs(Number(found.priceFactor) / (to / from) - 1) < 1e-9);
    // Recorded, it fits.
    await recordSplits(sql, id, [["2016-08-02", from, to]]);
  }
  assert.deepEqual(await suspected(sql), []);
});

/** Two days: the open of the second is `open`, after a close of 100 on a volume of 1000. */
async function suspicionsAt(
  sql: Sql,
  { open, volume, kind = "stock", pauseDays = 1, isFinal = true }: {
    open: string;
    volume: string | null;
    kind?: "stock" | "etf" | "crypto";
    pauseDays?: number;
    isFinal?: boolean;
  },
): Promise<SuspectedSplit[]> {
  await sql`delete from market.candles`;
  const { id } = await storeInstrument(sql, { ...AAPL, kind });
  const second = new Date(Date.UTC(2026, 0, 5) + pauseDays * DAY_MS).toISOString();
  await storeCandles(sql, id, "1day", [
    candle("2026-01-05T00:00:00Z", "100", { volume: volume && "1000" }),
    candle(second, open, { volume, isFinal }),
  ]);
  return await suspected(sql);
}

forEachDatabase("A bad day, a crash and a take-over are no split", async ({ sql }) => {
  const none = [
    ["a day of -20 %", { open: "80", volume: "1100" }],
    ["a day of -20 % without volume", { open: "80", volume: null }],
    ["a day of -25 % on heavy trade", { open: "75", volume: "4000" }],
    ["a day of -25 % without volume", { open: "75", volume: null }],
    ["a day of -40 %", { open: "60", volume: "1500" }],
    ["half the price on ten times the money", { open: "50", volume: "20000" }],
    ["twice the price on twenty times the money", { open: "200", volume: "10000" }],
    ["a crypto that halves", { open: "50", volume: null, kind: "crypto" }],
    ["a hole of a month", { open: "50", volume: "2000", pauseDays: 30 }],
    ["a candle that still forms", { open: "50", volume: "2000", isFinal: false }],
  ] as const;
  for (const [name, day] of none) assert.deepEqual(await suspicionsAt(sql, day), [], name);
  const some = [
    ["half the price on twice the volume", { open: "50.5", volume: "2000" }],
    ["half the price, volume not reported", { open: "50.5", volume: null, kind: "etf" }],
    ["two thirds of the price on the same money", { open: "66.5", volume: "1500" }],
    ["over a halt of a week", { open: "1020", volume: "110", pauseDays: 8 }],
  ] as const;
  for (const [name, day] of some) assert.equal((await suspicionsAt(sql, day)).length, 1, name);
});

forEachDatabase("A recorded split of 1:1 says that a jump is none", async ({ sql }) => {
  assert.equal((await suspicionsAt(sql, { open: "50", volume: "2000" })).length, 1);
  const [row] = await sql<[{ id: number }]>`select id from market.instruments`;
  await recordSplits(sql, row.id, [["2026-01-06", 1, 1]]);
  assert.deepEqual(await suspected(sql), []);
});

forEachDatabase("A recorded split without a jump says that the history is adjusted already", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  await storeCandles(sql, id, "1day", REAL_AAPL);
  await recordSplits(sql, id, [["2016-08-02", 4, 1]]);
  const [found, ...others] = await suspected(sql);
  assert.deepEqual(others, []);
  assert.equal(found!.kind, "readjusted_history");
  assert.equal(found!.priceFactor, "0.25");
  assert.match(found!.detail, /split of 4:1 is recorded, .* already adjusted; load it again/);
});

/** The candles at `places` as a later run finds them: `times` of what they were, and the old ones kept. */
async function restate(
  sql: Sql,
  instrumentId: number,
  places: number[],
  times: (price: "open" | "high" | "low" | "close", index: number) => number,
  { runId = 2, at = "2026-11-21T12:00:00Z" } = {},
) {
  const dates = places.map((place) => REAL_AAPL[place]!.openedAt);
  await sql`
    insert into market.candle_revisions
      (instrument_id, candle_interval, opened_at, valid_until, open, high, low, close, volume, run_id,
        loaded_at, replaced_by_run_id)
    select instrument_id, candle_interval, opened_at, ${new Date(
    at,
  )}, open, high, low, close, volume,
      run_id, loaded_at, ${runId}
    from market.candles where instrument_id = ${instrumentId}
      and opened_at = any(${dates.map((date) => date.toISOString())}::timestamptz[])`;
  for (const [index, openedAt] of dates.entries()) {
    await sql`
      update market.candles set
        open = round(open * ${times("open", index)}, 4),
        high = round(high * ${times("high", index)}, 4),
        low = round(low * ${times("low", index)}, 4),
        close = round(close * ${times("close", index)}, 4),
        run_id = ${runId}, loaded_at = ${new Date(at)}
      where instrument_id = ${instrumentId} and opened_at = ${openedAt}`;
  }
}

forEachDatabase(
  "History that the provider re-adjusted is told with factor, begin and old level",
  async (
    { sql },
  ) => {
    const { id } = await storeInstrument(sql, AAPL);
    await storeCandles(sql, id, "1day", REAL_AAPL.slice(0, 100));
    await restate(sql, id, [97, 98, 99], () => 0.25);
    const [found, ...others] = await suspected(sql);
    assert.deepEqual(others, [], "the jump between the levels is not told twice");
    assert.deepEqual(
      [found!.kind, found!.priceFactor, found!.noticedOn, found!.candleInterval],
      ["readjusted_history", "0.25", "2026-11-21", "1day"],
    );
    const [until, first, last] = [96, 97, 99].map((place) =>
      REAL_AAPL[place]!.openedAt.toISOString().slice(0, 10)
    );
    assert.equal(
      found!.detail,
      `3 candles from ${first} 00:00 to ${last} 00:00 were restated by the factor 0.25: older ones, ` +
        `up to ${until} 00:00 UTC, are still at the level before; load them again`,
    );
    assert.equal((await suspected(sql, "simulator", "2026-11-21T00:00:00Z")).length, 1);
    assert.deepEqual(await suspected(sql, "simulator", "2026-11-22T00:00:00Z"), []);
    assert.deepEqual(await suspected(sql, "twelve_data"), [], "another source");

    const older = Array.from({ length: 97 }, (_, index) => index);
    await restate(sql, id, older, () => 0.25, { runId: 3, at: "2026-11-22T12:00:00Z" });
    assert.deepEqual(await suspected(sql), [], "all is loaded again");
  },
);

forEachDatabase("Ordinary restatements are no re-adjusted history", async ({ sql }) => {
  const ordinary: [string, number[], Parameters<typeof restate>[3]][] = [
    ["one candle alone", [50], () => 0.25],
    ["one price of each", [50, 51], (price) => price === "high" ? 1.3 : 1],
    ["other factors", [50, 51], (_, index) => 1.02 + index / 100],
    ["digits", [50, 51, 52], () => 1.0005],
  ];
  for (const [index, [name, places, times]] of ordinary.entries()) {
    const { id } = await storeInstrument(sql, { ...AAPL, symbol: `S${index}` });
    await storeCandles(sql, id, "1day", REAL_AAPL.slice(0, 100));
    await restate(sql, id, places, times);
    assert.deepEqual(
      (await suspected(sql)).filter((found) =>
        found.instrumentId === id && found.kind === "readjusted_history"
      ),
      [],
      name,
    );
  }
  const { id } = await storeInstrument(sql, { ...AAPL, symbol: "DIVIDEND" });
  await storeCandles(sql, id, "1day", REAL_AAPL.slice(0, 100));
  await restate(sql, id, [98, 99], () => 0.994);
  assert.equal(
    (await suspected(sql)).at(-1)!.priceFactor,
    "0.994",
    "an adjustment for a dividend is one",
  );
});

forEachDatabase("listSuspectedSplits() of the last days reads the candles of the last days", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  await fillHours(sql, id, 20_000);
  await sql`
    insert into market.candles
    select ${id}, '1day', '2000-01-01'::timestamptz + n * interval '1 day', 1, 1, 1, 1, 1, true, 1,
      ${LOADED_AT}
    from generate_series(1, 8000) n`;
  await sql`analyze market.candles`;
  const [{ since }] = await sql<[{ since: Date }]>`
    select max(opened_at) - interval '7 days' as since from market.candles
    where candle_interval = '1day'`;
  const read = await rowsRead(
    sql,
    `select * from market.suspected_splits_since('${since.toISOString()}')`,
  );
  assert.ok(read <= 30, `${read} candles are read for 8 days`);
});
