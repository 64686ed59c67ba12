/** How good the stored candles are: how new each series is, and how much of each month is there. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sql } from "../../db/connect.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { DAY_MS } from "../../market/holidays.ts";
import type { Instrument } from "../../market/instrument.ts";
import { type Interval, INTERVALS, isDateInterval } from "../../market/interval.ts";
import { candleOpens, closesAt, type Session, sessionOf } from "../../market/session.ts";
import { Random } from "../../simulator/random.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";

/** A Friday afternoon on which every market is open. */
const NOW = new Date("2026-11-20T18:20:00Z");
const US = sessionOf("stock", "America/New_York");
const CRYPTO = sessionOf("crypto", null);
const FOREX = sessionOf("forex", null);
const UNKNOWN = sessionOf("stock", "Asia/Kolkata");

const EURO = {
  symbol: "EUR/USD",
  name: "Euro / US Dollar",
  kind: "forex" as const,
  currencyBase: "Euro",
};
const RELIANCE = { ...AAPL, symbol: "RELIANCE", exchangeTimezone: "Asia/Kolkata" };

/** Thanksgiving and its half day, Christmas, New Year, a leap day, and both clock changes of New York. */
const NOTABLE = [
  "2026-11-26T00:00:00Z",
  "2025-12-24T18:00:00Z",
  "2024-12-31T22:00:00Z",
  "2024-02-29T12:00:00Z",
  "2026-11-01T06:00:00Z",
  "2027-03-14T07:00:00Z",
  "2001-09-11T12:00:00Z",
].map((text) => Date.parse(text));

const sessions = fc.constantFrom(US, FOREX, CRYPTO, UNKNOWN);
const instants = fc.oneof(
  fc.constantFrom(...NOTABLE).chain((ms) => fc.integer({ min: ms - 4 * DAY_MS, max: ms + DAY_MS })),
  fc.integer({ min: Date.parse("2001-01-02"), max: Date.parse("2027-10-01") }),
);

forEachDatabase("market.candle_end() is closesAt() for every candle", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  await fc.assert(
    fc.asyncProperty(sessions, fc.constantFrom(...INTERVALS), instants, async (...args) => {
      const [session, interval, ms] = args;
      // A candle of the calendar where there is one soon, and any instant of an intraday one.
      const [onGrid] = candleOpens(new Date(ms), new Date(ms + 40 * DAY_MS), interval, session);
      const off = isDateInterval(interval) ? Math.floor(ms / DAY_MS) * DAY_MS : ms;
      for (const openedAt of [onGrid ?? new Date(off), new Date(off)]) {
        const [row] = await sql`
          select ends_at from market.candle_end(${session.name}, ${interval}, ${openedAt})`;
        assert.deepEqual(
          row?.endsAt,
          closesAt(openedAt, interval, session),
          openedAt.toISOString(),
        );
      }
    }),
    { numRuns: 300 },
  );
});

forEachDatabase("market.candle_after() is the first of candleOpens()", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  await fc.assert(
    fc.asyncProperty(
      sessions,
      fc.constantFrom(...INTERVALS),
      instants,
      fc.boolean(),
      async (session, interval, ms, isOnGrid) => {
        const opens = (from: number) =>
          candleOpens(new Date(from), new Date(from + 70 * DAY_MS), interval, session);
        const after = isOnGrid ? opens(ms)[0] ?? new Date(ms) : new Date(ms);
        const [row] = await sql`
          select opened_at from market.candle_after(${session.name}, ${interval}, ${after})`;
        assert.deepEqual(row?.openedAt, opens(after.getTime() + 1)[0] ?? null);
      },
    ),
    { numRuns: 300 },
  );
});

async function storeWatermark(
  sql: Sql,
  { id }: Instrument,
  interval: Interval,
  newest: string | null,
  oldest: string = newest ?? "2026-01-01",
): Promise<void> {
  await sql`
    insert into market.watermarks (instrument_id, candle_interval, newest_final_at, oldest_at)
    values (${id}, ${interval}, ${newest && new Date(newest)}, ${new Date(oldest)})
    on conflict (instrument_id, candle_interval) do update
      set newest_final_at = excluded.newest_final_at, oldest_at = excluded.oldest_at`;
}

forEachDatabase(
  "market.freshness_at() tells a closed market from a stale series",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const apple = await storeInstrument(sql, AAPL);
    const bitcoin = await storeInstrument(sql);
    const euro = await storeInstrument(sql, EURO);
    const stateOf = async (
      instrument: Instrument,
      interval: Interval,
      newest: string,
      now: string,
    ) => {
      await storeWatermark(sql, instrument, interval, newest);
      const [row] = await sql<[{ state: string }]>`
      select state from market.freshness_at('simulator', ${new Date(now)})
      where instrument_id = ${instrument.id} and candle_interval = ${interval}`;
      return row.state;
    };
    const cases: [Instrument, Interval, newest: string, now: string, state: string][] = [
      [apple, "1h", "2026-11-20T16:30Z", "2026-11-20T18:20Z", "fresh"],
      [apple, "1h", "2026-11-20T15:30Z", "2026-11-20T19:10Z", "stale"],
      // The last hour of a Friday, looked at on Sunday, before and after Monday's first hour; then one short.
      [apple, "1h", "2026-11-20T20:30Z", "2026-11-22T12:00Z", "market_closed"],
      [apple, "1h", "2026-11-20T20:30Z", "2026-11-23T16:20Z", "fresh"],
      [apple, "1h", "2026-11-20T20:30Z", "2026-11-23T17:10Z", "stale"],
      [apple, "1h", "2026-11-20T19:30Z", "2026-11-22T12:00Z", "stale"],
      // Thanksgiving is closed, and the day after ends at 13:00 New York.
      [apple, "1day", "2026-11-25", "2026-11-26T20:00Z", "market_closed"],
      [apple, "1day", "2026-11-25", "2026-11-27T19:00Z", "market_closed"],
      [apple, "1day", "2026-11-25", "2026-11-27T20:00Z", "stale"],
      [apple, "1h", "2026-11-27T16:30Z", "2026-11-27T18:30Z", "market_closed"],
      // The week of the half day ends with it; 24 hours of Monday count in the next.
      [apple, "1week", "2026-11-16", "2026-11-27T19:30Z", "market_closed"],
      [apple, "1week", "2026-11-16", "2026-11-27T19:30:00.001Z", "stale"],
      // Both clock changes: the first hour of Monday ends at 14:30 UTC in summer, at 15:30 in winter.
      [apple, "1h", "2026-03-06T20:30Z", "2026-03-09T16:00Z", "fresh"],
      [apple, "1h", "2026-03-06T20:30Z", "2026-03-09T16:01Z", "stale"],
      [apple, "1h", "2026-10-30T19:30Z", "2026-11-02T17:00Z", "fresh"],
      [apple, "1h", "2026-10-30T19:30Z", "2026-11-02T17:01Z", "stale"],
      [bitcoin, "1h", "2026-11-20T17:00Z", "2026-11-20T18:20Z", "fresh"],
      [bitcoin, "1h", "2026-11-20T15:00Z", "2026-11-20T18:40Z", "stale"],
      [bitcoin, "1min", "2026-11-20T18:17Z", "2026-11-20T18:20Z", "fresh"],
      [bitcoin, "1day", "2028-02-28", "2028-03-01T01:30Z", "fresh"],
      [bitcoin, "1day", "2028-02-28", "2028-03-01T01:31Z", "stale"],
      [bitcoin, "1month", "2026-10-01", "2026-11-20T18:20Z", "fresh"],
      [bitcoin, "1month", "2026-09-01", "2026-11-20T18:20Z", "stale"],
      [euro, "1h", "2026-11-20T21:00Z", "2026-11-21T12:00Z", "market_closed"],
      // Sunday evening: the week begins at 17:00 New York.
      [euro, "1h", "2026-11-20T21:00Z", "2026-11-22T22:00Z", "fresh"],
      [euro, "1h", "2026-11-20T21:00Z", "2026-11-23T00:31Z", "stale"],
      [euro, "1day", "2026-12-24", "2026-12-25T12:00Z", "market_closed"],
    ];
    for (const [instrument, interval, newest, now, state] of cases) {
      const name = `${instrument.symbol} ${interval} ${newest} at ${now}`;
      assert.equal(await stateOf(instrument, interval, newest, now), state, name);
    }
  },
);

forEachDatabase("market.freshness_at() says what it compares", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const apple = await storeInstrument(sql, AAPL);
  // The hour of 12:30 New York on the half day, which ends after 30 minutes.
  await storeWatermark(sql, apple, "1h", "2026-11-27T17:30Z");
  const rows = await sql`
    select * from market.freshness_at('simulator', ${new Date("2026-11-27T18:01:30Z")})`;
  assert.deepEqual([...rows], [{
    source: "simulator",
    instrumentId: apple.id,
    symbol: "AAPL",
    candleInterval: "1h",
    newestFinalAt: new Date("2026-11-27T17:30Z"),
    newestClosedAt: new Date("2026-11-27T18:00Z"),
    nextExpectedAt: new Date("2026-11-30T14:30Z"),
    dueAt: new Date("2026-11-30T17:00Z"),
    ageSeconds: 90,
    state: "market_closed",
  }]);
});

forEachDatabase(
  "A series without a final candle is empty; one without a calendar is unknown, and never stale",
  async ({ sql }) => {
    const states = async () => {
      const rows = await sql<{ symbol: string; state: string; ageSeconds: number | null }[]>`
        select symbol, state, age_seconds from market.freshness_at('simulator', ${NOW})
        order by symbol`;
      return rows.map(({ symbol, state, ageSeconds }) => `${symbol} ${state} ${ageSeconds}`);
    };
    const apple = await storeInstrument(sql, AAPL);
    await storeWatermark(sql, apple, "1h", "2020-01-02T14:30Z");
    await storeWatermark(sql, await storeInstrument(sql), "1h", null);
    await storeWatermark(sql, await storeInstrument(sql, RELIANCE), "1h", "2026-11-20T16:20Z");
    const others = ["BTC/USD empty null", "RELIANCE unknown 3600"];
    assert.deepEqual(await states(), ["AAPL unknown 217219800", ...others], "no day is stored yet");
    await syncTradingDays(sql, NOW);
    assert.deepEqual(await states(), ["AAPL stale 217219800", ...others]);
    await storeWatermark(sql, apple, "1h", "2027-12-31T20:30Z");
    assert.match((await states())[0]!, /^AAPL unknown -/, "the calendar ends there");
  },
);

forEachDatabase(
  "Freshness is of one source or of all, and of active instruments only",
  async ({ sql }) => {
    await storeWatermark(sql, await storeInstrument(sql), "1h", "2020-01-01");
    const imported = await storeInstrument(sql, { source: "import" });
    await storeWatermark(sql, imported, "1day", "2020-01-01");
    const list = async (source: string | null) => {
      const rows = await sql`
        select source, candle_interval from market.freshness_at(${source}, ${NOW}) order by source`;
      return rows.map((row) => `${row.source} ${row.candleInterval}`);
    };
    assert.deepEqual(await list("import"), ["import 1day"]);
    assert.deepEqual(await list(null), ["import 1day", "simulator 1h"]);
    await sql`update market.instruments set is_active = false where source = 'import'`;
    assert.deepEqual(await list(null), ["simulator 1h"]);
    const [row] = await sql`select state, due_at, now() - due_at > '5 years' as is_late
      from market.freshness`;
    assert.deepEqual({ ...row }, {
      state: "stale",
      dueAt: new Date("2020-01-01T03:30Z"),
      isLate: true,
    });
  },
);

/** Stores a final candle at each open time, and the watermark around them. */
async function storeCandles(
  sql: Sql,
  instrument: Instrument,
  interval: Interval,
  opens: Date[],
): Promise<void> {
  await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id, loaded_at
    )
    select ${instrument.id}, ${interval}, opened_at, 1, 1, 1, 1, true, 1, ${NOW}
    from unnest(${opens.map((at) => at.toISOString())}::timestamptz[]) as row (opened_at)`;
  const [oldest, newest] = [opens[0]!, opens.at(-1)!].map((at) => at.toISOString());
  await storeWatermark(sql, instrument, interval, newest!, oldest!);
}

/** Every candle of the calendar in a window, its end exclusive. */
function opensOf(session: Session, interval: Interval, from: string, to: string): Date[] {
  return candleOpens(new Date(from), new Date(to), interval, session);
}

interface Month {
  symbol: string;
  candleInterval: Interval;
  month: string;
  calendar: string | null;
  expectedCandles: number | null;
  haveCandles: number;
  missingCandles: number;
  percent: number | null;
}

async function listMonths(
  sql: Sql,
  { from, to, symbols, intervals }: {
    from?: string;
    to?: string;
    symbols?: string[];
    intervals?: Interval[];
  } = {},
): Promise<Month[]> {
  const rows = await sql<Month[]>`
    select symbol, candle_interval, to_char(month_on, 'YYYY-MM') as month, calendar,
      expected_candles, have_candles, missing_candles, percent
    from market.find_completeness(
      'simulator', ${from ? new Date(from) : null}, ${to ? new Date(to) : null},
      ${symbols ?? null}, ${intervals ?? null}
    )
    order by symbol, market.interval_duration(candle_interval), month_on`;
  return [...rows];
}

const short = (row: Month) =>
  `${row.symbol} ${row.candleInterval} ${row.month} ` +
  `${row.haveCandles}/${row.expectedCandles} ${row.percent}`;

forEachDatabase(
  "Candles are deleted at random, and completeness lacks exactly those and what the gaps have",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const random = new Random(11);
    const deleted = new Map<string, number>();
    const expected = new Map<string, number>();
    for (
      const [values, session] of [[AAPL, US], [{}, CRYPTO], [EURO, FOREX]] as const
    ) {
      const instrument = await storeInstrument(sql, values);
      for (const interval of ["15min", "1h", "1day", "1week", "1month"] as const) {
        // Thanksgiving, Christmas, New Year, a leap day, Good Friday and both clock changes.
        const opens = opensOf(session, interval, "2023-10-20T00:00Z", "2024-04-20T00:00Z");
        await storeCandles(sql, instrument, interval, opens);
        // A forex hour around the daily roll is missed only where it was seen.
        const mayGo = (at: Date) => session !== FOREX || ![16, 17].includes(newYorkHour(at));
        const gone = opens.slice(1, -1).filter((at) => random.uniform() < 0.03 && mayGo(at));
        await sql`
          delete from market.candles
          where instrument_id = ${instrument.id} and candle_interval = ${interval}
            and opened_at = any(${gone.map((at) => at.toISOString())}::timestamptz[])`;
        for (const at of opens) {
          const key = `${instrument.symbol} ${interval} ${monthOf(at, interval, session)}`;
          expected.set(key, (expected.get(key) ?? 0) + 1);
          deleted.set(key, (deleted.get(key) ?? 0) + (gone.includes(at) ? 1 : 0));
        }
      }
    }
    const months = await listMonths(sql);
    assert.ok([...deleted.values()].reduce((a, b) => a + b) > 300);
    const keyed = months.map((row) =>
      [`${row.symbol} ${row.candleInterval} ${row.month}`, row] as const
    );
    assert.deepEqual(keyed.map(([key]) => key).sort(), [...expected.keys()].sort());
    for (const [key, row] of keyed) {
      assert.equal(row.expectedCandles, expected.get(key), key);
      assert.equal(row.missingCandles, deleted.get(key), key);
      assert.equal(row.haveCandles, row.expectedCandles! - row.missingCandles, key);
      assert.equal(row.percent, 100 * row.haveCandles / row.expectedCandles!, key);
    }
    const lacking = await sql`
      select g.instrument_id, g.candle_interval, g.missing - c.missing as difference
      from (
        select instrument_id, candle_interval, sum(missing_candles) as missing
        from market.gaps group by 1, 2
      ) g
      full join (
        select instrument_id, candle_interval, sum(expected_candles - have_candles) as missing
        from market.completeness group by 1, 2
        having sum(expected_candles - have_candles) > 0
      ) c using (instrument_id, candle_interval)
      where g.missing is distinct from c.missing`;
    assert.deepEqual([...lacking], []);
  },
);

/** The month of a candle's trading day: from 17:00 New York on, a forex candle is of the next date. */
function monthOf(openedAt: Date, interval: Interval, session: Session): string {
  const isNextDate = session === FOREX && !isDateInterval(interval) && newYorkHour(openedAt) >= 17;
  const shiftMs = isNextDate ? DAY_MS / 4 : 0;
  return new Date(openedAt.getTime() + shiftMs).toISOString().slice(0, 7);
}

function newYorkHour(at: Date): number {
  const hour = { timeZone: "America/New_York", hour: "2-digit", hourCycle: "h23" } as const;
  return Number(at.toLocaleString("en-US", hour));
}

forEachDatabase(
  "Months are counted from the oldest candle to the newest final one",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const apple = await storeInstrument(sql, AAPL);
    // From Monday, 2024-01-29, to Friday, 2024-03-01, over a leap day; Washington's Birthday is closed.
    const opens = opensOf(US, "1h", "2024-01-29T00:00Z", "2024-03-02T00:00Z");
    await storeCandles(sql, apple, "1h", opens);
    assert.deepEqual((await listMonths(sql)).map(short), [
      "AAPL 1h 2024-01 21/21 100",
      "AAPL 1h 2024-02 140/140 100",
      "AAPL 1h 2024-03 7/7 100",
    ]);
    // What has ended since then is not stored yet: the state of freshness, and no hole.
    await storeWatermark(sql, apple, "1h", "2024-03-01T16:30Z", "2024-01-29T14:30Z");
    assert.equal(short((await listMonths(sql))[2]!), "AAPL 1h 2024-03 3/3 100");
    const forming = new Date("2024-03-01T15:30Z");
    await sql`update market.candles set is_final = false where opened_at = ${forming}`;
    assert.equal(short((await listMonths(sql))[2]!), "AAPL 1h 2024-03 2/3 66.66666666666667");
    await sql`update market.watermarks set newest_final_at = null`;
    assert.deepEqual(await listMonths(sql), []);
  },
);

forEachDatabase(
  "A half day has fewer candles, and a month that is gone is 0 per cent",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const apple = await storeInstrument(sql, AAPL);
    const opens = opensOf(US, "1h", "2026-10-01T00:00Z", "2026-12-02T00:00Z");
    await storeCandles(sql, apple, "1h", opens);
    // November has 20 trading days; the one after Thanksgiving has the four hours from 9:30 to 13:00.
    assert.equal(short((await listMonths(sql))[1]!), "AAPL 1h 2026-11 137/137 100");
    await sql`
    delete from market.candles where opened_at >= '2026-11-01T00:00Z' and opened_at < '2026-12-01T00:00Z'`;
    assert.deepEqual((await listMonths(sql)).map(short), [
      "AAPL 1h 2026-10 154/154 100",
      "AAPL 1h 2026-11 0/137 0",
      "AAPL 1h 2026-12 7/7 100",
    ]);
  },
);

forEachDatabase("Candles that nobody expects are not counted", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const apple = await storeInstrument(sql, AAPL);
  const opens = opensOf(US, "1day", "2026-10-01T00:00Z", "2026-11-01T00:00Z");
  // A Saturday, and a time that is none of a day.
  const extra = ["2026-10-10T00:00Z", "2026-10-13T09:00Z"].map((text) => new Date(text));
  const stored = [...opens.slice(0, 5), ...extra, ...opens.slice(6)];
  await storeCandles(sql, apple, "1day", stored);
  assert.deepEqual((await listMonths(sql)).map(short), [
    "AAPL 1day 2026-10 21/22 95.45454545454545",
  ]);
});

forEachDatabase(
  "A forex candle belongs to the month of its trading day, which begins on the evening before",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const euro = await storeInstrument(sql, EURO);
    // Thursday, 2026-04-30 from 00:00 UTC to the end of Friday at 21:00.
    const opens = opensOf(FOREX, "1h", "2026-04-30T00:00Z", "2026-05-02T00:00Z");
    await storeCandles(sql, euro, "1h", opens);
    assert.deepEqual((await listMonths(sql)).map(short), [
      "EUR/USD 1h 2026-04 21/21 100",
      "EUR/USD 1h 2026-05 24/24 100",
    ]);
    // An hour around the daily roll that was never seen is not expected.
    await sql`delete from market.candles where opened_at in ('2026-04-30T20:00Z', '2026-04-30T21:00Z')`;
    assert.deepEqual((await listMonths(sql)).map(short), [
      "EUR/USD 1h 2026-04 20/20 100",
      "EUR/USD 1h 2026-05 23/23 100",
    ]);
  },
);

forEachDatabase(
  "Where no calendar is known nothing is expected, and what is stored is counted",
  async ({ sql }) => {
    const reliance = await storeInstrument(sql, RELIANCE);
    const hours = [0, 1, 2, 4].map((n) =>
      new Date(Date.parse("2026-04-30T17:30Z") + n * 3_600_000)
    );
    await storeCandles(sql, reliance, "1h", hours);
    const calendars = async () =>
      (await listMonths(sql)).map((row) => `${short(row)} ${row.calendar}`);
    // From 18:30 UTC on it is May in India.
    const alone = ["RELIANCE 1h 2026-04 1/null null null", "RELIANCE 1h 2026-05 3/null null null"];
    assert.deepEqual(await calendars(), alone);
    const tata = await storeInstrument(sql, { ...RELIANCE, symbol: "TCS" });
    const whole = [0, 1, 2, 3, 4].map((n) =>
      new Date(Date.parse("2026-04-30T17:30Z") + n * 3_600_000)
    );
    await storeCandles(sql, tata, "1h", whole);
    const [, may] = await listMonths(sql, { symbols: ["RELIANCE"] });
    assert.deepEqual(
      [may!.missingCandles, may!.expectedCandles],
      [1, null],
      "another has one more",
    );
    await sql`delete from market.watermarks`;
    const apple = await storeInstrument(sql, AAPL);
    await storeCandles(sql, apple, "1day", opensOf(US, "1day", "2000-12-01", "2001-02-01"));
    assert.deepEqual(await calendars(), [
      "AAPL 1day 2000-12 20/null null null",
      "AAPL 1day 2001-01 21/null null null",
    ], "no day is stored yet");
    await syncTradingDays(sql, NOW);
    assert.deepEqual(await calendars(), [
      "AAPL 1day 2000-12 20/null null null",
      "AAPL 1day 2001-01 21/21 100 us_stocks",
    ], "before 2001 no calendar is known");
    await sql`delete from market.watermarks`;
    const euro = await storeInstrument(sql, EURO);
    await storeCandles(sql, euro, "4h", opensOf(FOREX, "4h", "2026-05-04", "2026-05-05"));
    assert.deepEqual(await calendars(), ["EUR/USD 4h 2026-05 6/null null null"]);
  },
);

forEachDatabase(
  "Completeness is asked for a window, symbols and intervals",
  async ({ sql }) => {
    for (const symbol of ["BTC/USD", "ETH/USD"]) {
      const crypto = await storeInstrument(sql, { symbol });
      for (const interval of ["1h", "1day"] as const) {
        await storeCandles(
          sql,
          crypto,
          interval,
          opensOf(CRYPTO, interval, "2026-03-30T00:00Z", "2026-05-03T00:00Z"),
        );
      }
    }
    const list = async (filter: Parameters<typeof listMonths>[1]) =>
      (await listMonths(sql, filter)).map(short);
    assert.deepEqual(await list({ symbols: ["BTC/USD"], intervals: ["1day"] }), [
      "BTC/USD 1day 2026-03 2/2 100",
      "BTC/USD 1day 2026-04 30/30 100",
      "BTC/USD 1day 2026-05 2/2 100",
    ]);
    const window = { from: "2026-04-29T12:00Z", to: "2026-05-01T01:00Z", symbols: ["ETH/USD"] };
    assert.deepEqual(await list(window), [
      "ETH/USD 1h 2026-04 36/36 100",
      "ETH/USD 1h 2026-05 1/1 100",
      "ETH/USD 1day 2026-04 1/1 100",
      "ETH/USD 1day 2026-05 1/1 100",
    ]);
    assert.deepEqual(await list({ from: "2026-05-03T00:00Z" }), []);
    assert.deepEqual(await list({ to: "2026-03-30T00:00Z" }), []);
    const [all] = await sql`
      select sum(expected_candles) as expected, count(*) as months from market.completeness`;
    assert.deepEqual({ ...all }, { expected: String(2 * 34 * 25), months: 12 });
    await sql`update market.instruments set is_active = false where symbol = 'BTC/USD'`;
    assert.deepEqual((await listMonths(sql)).length, 6);
  },
);

forEachDatabase("Quality is the same in every time zone of a connection", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  for (const [values, session] of [[AAPL, US], [{}, CRYPTO], [EURO, FOREX]] as const) {
    const instrument = await storeInstrument(sql, values);
    for (const interval of ["1h", "1day", "1week", "1month"] as const) {
      const opens = opensOf(session, interval, "2026-10-01T00:00Z", "2026-11-20T00:00Z");
      await storeCandles(sql, instrument, interval, opens);
    }
  }
  const answers = async (timezone: string) =>
    await sql.begin(async (tx) => {
      await tx`select set_config('timezone', ${timezone}, true)`;
      const fresh = await tx`
        select * from market.freshness_at('simulator', ${NOW}) order by symbol, candle_interval`;
      return [...fresh, ...await listMonths(tx as unknown as Sql)];
    });
  const inUtc = await answers("UTC");
  assert.ok(inUtc.length > 12);
  for (const timezone of ["Australia/Sydney", "America/Los_Angeles"]) {
    assert.deepEqual(await answers(timezone), inUtc, timezone);
  }
});
