import assert from "node:assert/strict";
import { getFigures, listDailyReturns } from "../../db/analytics.ts";
import type { Sql } from "../../db/connect.ts";
import { addInterval, INTERVALS } from "../../market/interval.ts";
import { closesAt, sessionOf } from "../../market/session.ts";
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

/** One row of `market.figures()`, as text where it is exact. */
async function figuresAt(sql: Sql, instrumentId: number, asOf: string | Date) {
  const [row] = await sql`
    select f.*, price_age::text as price_age, all_time_high_on::text as all_time_high_on,
      all_time_low_on::text as all_time_low_on
    from market.figures(${instrumentId}, ${new Date(asOf)}) f`;
  return row!;
}

/** Bitcoin: hourly candles of two days, daily ones before; the newest is forming. */
async function storeBitcoin(sql: Sql): Promise<number> {
  const { id } = await storeInstrument(sql);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-21T10:00:00Z", "90"),
    candle("2026-11-21T11:00:00Z", "100", { high: "104", low: "88" }),
    candle("2026-11-21T12:00:00Z", "104", { high: "106.5", low: "99" }),
    candle("2026-11-22T11:00:00Z", "109", { high: "111", low: "108" }),
    candle("2026-11-22T12:00:00Z", "110", { high: "110", low: "107.25", isFinal: false }),
  ]);
  await storeCandles(sql, id, "1day", [
    candle("2026-10-20T00:00:00Z", "40", { high: "200", low: "30" }),
    candle("2026-10-22T00:00:00Z", "50"),
    candle("2026-10-23T00:00:00Z", "44"),
    candle("2026-11-14T00:00:00Z", "88"),
    candle("2026-11-15T00:00:00Z", "66"),
    candle("2026-11-22T00:00:00Z", "110", { isFinal: false }),
  ]);
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
    await storeCandles(sql, id, "1h", [
      candle("2026-11-19T20:30:00Z", "100", { volume: "5" }),
      candle("2026-11-20T19:30:00Z", "108", { volume: "10" }),
      candle("2026-11-20T20:30:00Z", "110", { volume: "20" }),
    ]);
    await storeCandles(sql, id, "1day", [candle("2026-11-20T00:00:00Z", "110")]);
    const figures = await getFigures(sql, id, now);
    assert.deepEqual(figures.pricedAt, new Date("2026-11-20T21:00:00Z"), "16:00 New York");
    assert.deepEqual(figures.change24h, { amount: "10", percent: 10 });
    assert.equal(figures.volume24h, "30");
  },
);

forEachDatabase(
  "Daily returns are simple returns between final daily candles, in per cent",
  async ({ sql }) => {
    const id = await storeBitcoin(sql);
    const window = { from: new Date("2026-10-01T00:00:00Z"), to: new Date("2026-11-16T00:00:00Z") };
    const expected = [
      { date: "2026-10-22", percent: 25 },
      { date: "2026-10-23", percent: -12 },
      { date: "2026-11-14", percent: 100 },
      { date: "2026-11-15", percent: -25 },
    ];
    assert.deepEqual([...await listDailyReturns(sql, id, window)], expected);
    const view = await sql`
      select traded_on::text as date, return_percent as percent from market.daily_returns
      -- Those in between may be rolled up from the hours.
      where instrument_id = ${id} and traded_on not between '2026-11-16' and '2026-11-21'
      order by traded_on`;
    assert.deepEqual([...view], [{ date: "2026-10-20", percent: null }, ...expected]);
    assert.deepEqual(
      [...await listDailyReturns(sql, id, { ...window, from: new Date("2026-11-15T00:00:00Z") })],
      [{ date: "2026-11-15", percent: -25 }],
      "the first day of a window has its return too",
    );
  },
);

forEachDatabase("A price of zero makes no division error", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-21T10:00:00Z", "0"),
    candle("2026-11-22T11:00:00Z", "5"),
  ]);
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

forEachDatabase("A price comes from the shortest interval that opened last", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-19T20:30:00Z", "100", { volume: "5" }),
    candle("2026-11-20T20:30:00Z", "110", { volume: "20" }),
  ]);
  // The official close differs from the last trade, as it does.
  await storeCandles(sql, id, "1day", [
    candle("2026-11-19T00:00:00Z", "101"),
    candle("2026-11-20T00:00:00Z", "111"),
  ]);
  // Minutes that nobody loads any more.
  await storeCandles(sql, id, "1min", [candle("2026-10-01T14:30:00Z", "77", { volume: "1" })]);
  for (const asOf of ["2026-11-20T21:00:00Z", "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"]) {
    const { price, pricedAt, change24h, volume24h, turnover24h } = await figuresAt(sql, id, asOf);
    assert.deepEqual(
      [price, pricedAt, change24h, volume24h, turnover24h],
      ["110", new Date("2026-11-20T21:00:00Z"), "10", "20", "2200"],
      asOf,
    );
  }
  // Once the hours are missing the daily candle is newer.
  const later = new Date("2026-11-24T00:00:00Z");
  await storeCandles(sql, id, "1day", [candle("2026-11-23T00:00:00Z", "120")], later);
  const { price, priceAge, volume24h } = await figuresAt(sql, id, "2026-11-24T00:30:00Z");
  assert.deepEqual([price, priceAge, volume24h], ["120", "03:30:00", null]);
});

forEachDatabase("A final day is newer than an hour of its date that ended before it", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  const at = new Date("2026-11-20T21:02:00Z");
  const day = candle("2026-11-20T00:00:00Z", "150");
  await storeCandles(sql, id, "1h", [candle("2026-11-20T14:30:00Z", "101")], at);
  const price = async (asOf: string) => {
    const f = await figuresAt(sql, id, asOf);
    return [f.price, f.pricedAt, f.high24h];
  };
  const noon = "2026-11-21T12:00:00Z";
  await storeCandles(sql, id, "1day", [{ ...day, isFinal: false }], at);
  assert.deepEqual(await price(noon), ["101", new Date("2026-11-20T15:30:00Z"), "101"]);
  await storeCandles(sql, id, "1day", [day], at);
  const close = new Date("2026-11-20T21:00:00Z");
  assert.deepEqual(await price(noon), ["150", close, null]);
  // The week ends on Sunday night, and is no newer for that.
  await storeCandles(sql, id, "1week", [candle("2026-11-16T00:00:00Z", "160")], at);
  await storeCandles(sql, id, "1h", [candle("2026-11-20T20:30:00Z", "149")], at);
  for (const asOf of [noon, "2026-11-23T12:00:00Z"]) {
    assert.deepEqual(await price(asOf), ["149", close, "149"], "it ended with the session");
  }

  // A half day, to 13:00 New York.
  await sql`
    insert into market.trading_days (session_name, traded_on, opens_at, closes_at)
    values ('us_stocks', '2026-11-27', '2026-11-27T14:30Z', '2026-11-27T18:00Z')
    on conflict do nothing`;
  const later = new Date("2026-11-28T00:00:00Z");
  await storeCandles(sql, id, "1h", [candle("2026-11-27T17:30:00Z", "200")], later);
  await storeCandles(sql, id, "1day", [candle("2026-11-27T00:00:00Z", "201")], later);
  const [half] = await sql`select price from market.price_at(${id}, '2026-11-28T12:00Z')`;
  assert.equal(half!.price, "200");
});

forEachDatabase("A change is not told by a candle longer than its span", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const changes = async () => {
    const f = await figuresAt(sql, id, "2026-03-31T00:30:00Z");
    return [f.change1h, f.change24h, f.change7d, f.change30d];
  };
  await storeCandles(sql, id, "1week", [
    candle("2026-02-16T00:00:00Z", "10"),
    candle("2026-03-16T00:00:00Z", "20"),
    candle("2026-03-23T00:00:00Z", "40"),
  ]);
  // Of the price of Monday, 30 March 00:00.
  assert.deepEqual(await changes(), [null, null, "20", "30"]);
  await storeCandles(sql, id, "1day", [
    candle("2026-03-29T00:00:00Z", "41"),
    candle("2026-03-30T00:00:00Z", "45"),
  ]);
  assert.deepEqual(await changes(), [null, "4", "25", "35"]);
});

forEachDatabase(
  "Seven days, thirty and a year are those of the exchange's clock",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql, AAPL);
    // It is put forward on 8 March: 16:00 is 21:00 UTC before and 20:00 after.
    await storeCloses(sql, id, {
      "2026-02-06": "500",
      "2026-02-09": "400",
      "2026-02-27": "300",
      "2026-03-02": "200",
      "2026-03-06": "100",
      "2026-03-09": "110",
      "2026-03-11": "120",
    });
    const monday = await figuresAt(sql, id, "2026-03-10T00:00:00Z");
    assert.deepEqual([monday.price, monday.change7d, monday.change7dPercent], ["110", "-90", -45]);
    const wednesday = await figuresAt(sql, id, "2026-03-12T00:00:00Z");
    // To Monday, 9 February 16:00 New York.
    assert.deepEqual([wednesday.change30d, wednesday.change30dPercent], ["-280", -70]);
    // In 2021 it was put back two days after, in 2020 four days before.
    await storeCloses(sql, id, { "2020-11-04": "50", "2020-11-05": "100", "2021-11-05": "110" });
    const friday = await figuresAt(sql, id, "2021-11-06T00:00:00Z");
    assert.deepEqual([friday.change1y, friday.change1yPercent], ["10", 10]);
  },
);

forEachDatabase(
  "The year to date begins with the last price of the year before, at the exchange",
  async ({ sql }) => {
    const yearToDate = async (id: number, asOf: string) => {
      const { price, changeYtd, changeYtdPercent } = await figuresAt(sql, id, asOf);
      return [price, changeYtd, changeYtdPercent];
    };
    const { id: stock } = await storeInstrument(sql, AAPL);
    await storeCloses(sql, stock, {
      "2025-12-30": "100",
      "2025-12-31": "200",
      "2026-01-02": "250",
    });
    assert.deepEqual(await yearToDate(stock, "2026-01-03T00:00:00Z"), ["250", "50", 25]);
    // Still the old year's price on New Year's Day, and so the old year's change.
    assert.deepEqual(await yearToDate(stock, "2026-01-01T15:00:00Z"), ["200", null, null]);

    // There the year is 11 hours old when the candle of 31 December ends in UTC.
    const { id: sydney } = await storeInstrument(sql, {
      ...AAPL,
      symbol: "BHP",
      exchangeTimezone: "Australia/Sydney",
      sessionCloses: null,
    });
    await storeCloses(sql, sydney, { "2025-12-30": "20", "2025-12-31": "40", "2026-01-02": "50" });
    assert.deepEqual(await yearToDate(sydney, "2026-01-03T00:00:00Z"), ["50", "10", 25]);

    const { id: bitcoin } = await storeInstrument(sql);
    await storeCandles(sql, bitcoin, "1h", [
      candle("2025-12-31T23:00:00Z", "80"),
      candle("2026-01-01T00:00:00Z", "88"),
      candle("2026-01-01T09:00:00Z", "100"),
    ]);
    assert.deepEqual(await yearToDate(bitcoin, "2026-01-01T10:00:00Z"), ["100", "20", 25]);
  },
);

forEachDatabase("An hour and a year before are real time, in leap years too", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCandles(sql, id, "1h", [
    candle("2026-02-28T11:00:00Z", "40"),
    candle("2027-02-28T11:00:00Z", "50"),
    candle("2027-02-28T12:00:00Z", "60"),
    candle("2028-02-29T10:00:00Z", "80"),
    candle("2028-02-29T11:00:00Z", "100"),
  ], new Date("2028-02-29T12:02:00Z"));
  const figures = await figuresAt(sql, id, "2028-02-29T12:00:00Z");
  assert.deepEqual([figures.change1h, figures.change1hPercent], ["20", 25]);
  assert.deepEqual([figures.change1y, figures.change1yPercent], ["50", 100]);
  const early = await figuresAt(sql, id, "2027-02-28T12:30:00Z");
  assert.deepEqual([early.price, early.priceAge, early.change1h, early.change1y], [
    "50",
    "00:30:00",
    "10",
    "10",
  ]);
});

forEachDatabase(
  "The last 24 hours are whole hours with minutes before and after them, none counted twice",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const at = (time: string, price: string, volume: string, values = {}) =>
      candle(`2026-03-${time}:00Z`, price, { volume, ...values });
    await storeCandles(sql, id, "1h", [
      // Began before the 24 hours did.
      at("01T12:00", "10", "5000", { high: "888" }),
      at("01T13:00", "30", "100"),
      at("02T11:00", "40", "200", { high: "45", low: "5" }),
      // Loaded while it formed, and not since.
      at("02T12:00", "60", "7777", { high: "777", isFinal: false }),
    ], new Date("2026-03-02T12:10:00Z"));
    await storeCandles(sql, id, "1min", [
      at("01T12:29", "999", "999"),
      at("01T12:30", "10", "1"),
      at("01T12:59", "20", "2"),
      at("01T13:30", "31", "1000"),
      at("02T11:20", "41", "6"),
      at("02T12:00", "60", "3"),
      at("02T12:29", "50", "4"),
    ]);
    const figures = await figuresAt(sql, id, "2026-03-02T12:30:00Z");
    assert.deepEqual(figures.pricedAt, new Date("2026-03-02T12:30:00Z"));
    assert.deepEqual([figures.high24h, figures.low24h, figures.volume24h], ["60", "5", "310"]);
    // 1 × 10 + 2 × 20 + 100 × 30 + 200 × (45 + 5 + 40) / 3 + 3 × 60 + 4 × 50
    assert.equal(figures.turnover24h, "9430");
    // An hour that has not ended is told by its minutes.
    const early = await figuresAt(sql, id, "2026-03-02T11:21:00Z");
    assert.deepEqual([early.high24h, early.low24h, early.volume24h], ["888", "10", "5106"]);
  },
);

forEachDatabase("A volume of zero is a volume, one not reported makes no sum", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  const asOf = "2026-11-20T17:00:00Z";
  const volumes = async () => {
    const { volume24h, turnover24h } = await figuresAt(sql, id, asOf);
    return [volume24h, turnover24h];
  };
  await storeCandles(sql, id, "1h", [
    candle("2026-11-20T14:30:00Z", "100", { volume: "0" }),
    candle("2026-11-20T15:30:00Z", "100", { volume: "0" }),
  ]);
  assert.deepEqual(await volumes(), ["0", "0"]);
  const forming = candle("2026-11-20T16:30:00Z", "100", { isFinal: false });
  await storeCandles(sql, id, "1h", [forming], new Date("2026-11-20T16:45:00Z"));
  assert.deepEqual(await volumes(), [null, null]);
});

forEachDatabase("Over a split prices and volumes are at the level of today", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  const day = (date: string, close: string, volume: string) =>
    candle(`${date}T00:00:00Z`, close, { volume });
  await storeCandles(sql, id, "1day", [
    day("2025-12-30", "400", "10"),
    day("2025-12-31", "404", "20"),
    day("2026-01-02", "102", "90"),
    day("2026-01-05", "101", "60"),
  ]);
  await storeCandles(sql, id, "1h", [
    candle("2025-12-31T20:30:00Z", "404", { volume: "7" }),
    candle("2026-01-02T14:30:00Z", "102", { volume: "8" }),
  ]);
  await storeSplit(sql, id, "2026-01-02", 4);
  const figures = await figuresAt(sql, id, "2026-01-06T00:00:00Z");
  assert.deepEqual([figures.price, figures.changeYtd, figures.change7d], ["101", "0", null]);
  assert.deepEqual([figures.high52w, figures.low52w], ["102", "100"]);
  assert.deepEqual([figures.allTimeLow, figures.allTimeLowOn], ["100", "2025-12-30"]);
  // (4 × 10 + 4 × 20 + 90 + 60) / 4
  assert.equal(figures.averageDailyVolume30d, "67.5");
  // Opened less than 24 hours after the last hour before the split.
  const midday = await figuresAt(sql, id, "2026-01-02T15:30:00Z");
  assert.deepEqual([midday.price, midday.change24hPercent], ["102", 100 / 101]);

  const window = { from: new Date("2025-01-01T00:00:00Z"), to: new Date("2027-01-01T00:00:00Z") };
  const returns = await listDailyReturns(sql, id, window);
  assert.deepEqual(returns.map(({ percent }) => percent.toFixed(6)), [
    "1.000000",
    "0.990099",
    "-0.980392",
  ]);
  const [worst] = await sql`
    select worst_day_percent > -1 as is_small from market.performance(${id}, null, null)`;
  assert.equal(worst!.isSmall, true);
});

forEachDatabase(
  "All-time high and low have their first dates, the forming candle and older months count",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const range = async (asOf: string) => {
      const f = await figuresAt(sql, id, asOf);
      return [f.allTimeHigh, f.allTimeHighOn, f.allTimeLow, f.allTimeLowOn, f.high52w, f.low52w];
    };
    await storeCandles(sql, id, "1day", [
      candle("2024-02-28T00:00:00Z", "100", { high: "300", low: "90" }),
      candle("2024-02-29T00:00:00Z", "100", { high: "300", low: "80" }),
      candle("2026-11-20T00:00:00Z", "100", { high: "120", low: "95" }),
      candle("2026-11-21T00:00:00Z", "100", { high: "400", low: "20" }),
    ], new Date("2026-11-22T00:05:00Z"));
    // Half a day before the last candle ends, nothing is known of it.
    const half = ["300", "2024-02-28", "80", "2024-02-29", "120", "95"];
    assert.deepEqual(await range("2026-11-21T12:00:00Z"), half);
    const whole = ["400", "2026-11-21", "20", "2026-11-21", "400", "20"];
    assert.deepEqual(await range("2026-11-22T12:00:00Z"), whole);

    await storeCandles(sql, id, "1month", [
      candle("1999-01-01T00:00:00Z", "100", { high: "500", low: "50" }),
      // Of its days only those that are stored are known to be in it.
      candle("2024-02-01T00:00:00Z", "100", { high: "900", low: "1" }),
    ]);
    const older = ["500", "1999-01-01", "20", "2026-11-21", "400", "20"];
    assert.deepEqual(await range("2026-11-22T12:00:00Z"), older);

    await storeCandles(sql, id, "1day", [
      candle("2026-11-22T00:00:00Z", "100", { high: "410", low: "15", isFinal: false }),
    ], new Date("2026-11-22T09:00:00Z"));
    await storeCandles(sql, id, "1h", [
      candle("2026-11-22T11:00:00Z", "600", { high: "700", low: "14" }),
    ]);
    const forming = ["700", "2026-11-22", "14", "2026-11-22", "700", "14"];
    assert.deepEqual(await range("2026-11-22T12:00:00Z"), forming);
  },
);

forEachDatabase("A high of the last 24 hours is dated by its own candle", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const day = candle("2026-11-21T00:00:00Z", "95", { high: "100", low: "90" });
  await storeCandles(sql, id, "1day", [day]);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-21T20:00:00Z", "95", { high: "101" }),
    candle("2026-11-22T09:00:00Z", "95", { low: "89" }),
    candle("2026-11-22T10:00:00Z", "95"),
  ]);
  const f = await figuresAt(sql, id, "2026-11-22T11:00:00Z");
  assert.deepEqual([f.allTimeHigh, f.allTimeHighOn], ["101", "2026-11-21"]);
  assert.deepEqual([f.allTimeLow, f.allTimeLowOn], ["89", "2026-11-22"]);
});

forEachDatabase(
  "The 52 weeks are 364 days, the average volume is of the final days of 30",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    const day = (date: string, price: string, volume: string | null, isFinal = true) =>
      candle(`${date}T00:00:00Z`, price, { volume, isFinal });
    await storeCandles(sql, id, "1day", [
      day("2025-11-23", "900", "1"),
      day("2025-11-24", "800", "1"),
      day("2026-10-23", "10", "7000"),
      day("2026-10-24", "20", "100"),
      day("2026-11-10", "30", null),
      day("2026-11-21", "40", "201"),
      day("2026-11-22", "50", "9000", false),
    ], new Date("2026-11-22T12:20:00Z"));
    const figures = await figuresAt(sql, id, now);
    assert.deepEqual([figures.high52w, figures.low52w], ["800", "10"]);
    assert.equal(figures.averageDailyVolume30d, "150.5");
  },
);

/** What a window of 2026 has returned, dates as text. */
async function performance(sql: Sql, instrumentId: number, riskFreePercent = 0) {
  const [row] = await sql`
    select to_jsonb(p) as performance
    from market.performance(${instrumentId}, '2026-01-01Z', '2027-01-01Z', ${riskFreePercent}) p`;
  return row!.performance;
}

/** Returns of 20, -10, 20 and -10 % on the last close of 2025. */
const UPS_AND_DOWNS = {
  "2025-12-30": "50",
  "2025-12-31": "100",
  "2026-01-02": "120",
  "2026-01-05": "108",
  "2026-01-06": "129.6",
  "2026-01-09": "116.64",
};

forEachDatabase(
  "Performance compounds, and annualises by the periods of its kind",
  async ({ sql }) => {
    // Mean 5, deviations of 15: a sample variance of 4 × 225 / 3 = 300.
    const kinds = [["stock", 252], ["etf", 252], ["index", 252], ["forex", 260], [
      "commodity",
      260,
    ], ["crypto", 365]] as const;
    for (const [kind, periods] of kinds) {
      const { id } = await storeInstrument(sql, { symbol: kind, kind });
      await storeCloses(sql, id, UPS_AND_DOWNS);
      const p = await performance(sql, id);
      assert.deepEqual([p.first_on, p.last_on, p.return_count], ["2025-12-31", "2026-01-09", 4]);
      assert.equal(p.compounded_return_percent, 16.64);
      const near = (actual: number, expected: number) =>
        assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${kind}: ${actual}, not ${expected}`);
      near(p.volatility_percent, Math.sqrt(300 * periods));
      near(p.sharpe_ratio, 5 * periods / Math.sqrt(300 * periods));
      near(
        (await performance(sql, id, 10)).sharpe_ratio,
        (5 * periods - 10) / Math.sqrt(300 * periods),
      );
      assert.deepEqual([p.best_day_percent, p.best_day_on], [20, "2026-01-02"]);
      assert.deepEqual([p.worst_day_percent, p.worst_day_on], [-10, "2026-01-05"]);
      assert.deepEqual(
        [p.deepest_drawdown_percent, p.deepest_drawdown_peak_on, p.deepest_drawdown_trough_on],
        [-10, "2026-01-02", "2026-01-05"],
      );
      assert.deepEqual(
        [p.longest_drawdown_days, p.longest_drawdown_peak_on, p.longest_drawdown_recovered_on],
        [4, "2026-01-02", "2026-01-06"],
      );
      assert.equal(p.longest_drawdown_is_under_way, false);
    }
  },
);

forEachDatabase("Flat prices, one candle and none make no division error", async ({ sql }) => {
  const of = async (symbol: string, closes: Record<string, string>) => {
    const { id } = await storeInstrument(sql, { symbol });
    await storeCloses(sql, id, closes);
    const p = await performance(sql, id);
    const [drawdowns] = await sql<[{ count: number }]>`
      select count(*) from market.drawdowns(${id}, null, null)`;
    return [
      p.return_count,
      p.compounded_return_percent,
      p.volatility_percent,
      p.sharpe_ratio,
      p.best_day_percent,
      p.deepest_drawdown_percent,
      drawdowns.count,
    ];
  };
  assert.deepEqual(await of("NONE", {}), [0, null, null, null, null, null, 0]);
  assert.deepEqual(await of("ONE", { "2026-01-01": "5" }), [0, null, null, null, null, null, 0]);
  const two = { "2026-01-01": "5", "2026-01-02": "6" };
  assert.deepEqual(await of("TWO", two), [1, 20, null, null, 20, null, 0]);
  const flat = { "2026-01-01": "5", "2026-01-02": "5", "2026-01-03": "5" };
  assert.deepEqual(await of("FLAT", flat), [2, 0, 0, null, 0, null, 0]);
  const steady = { "2026-01-01": "100", "2026-01-02": "110", "2026-01-03": "121" };
  assert.deepEqual(await of("STEADY", steady), [2, 21, 0, null, 10, null, 0]);
  // A third a day, as far as 12 decimals say it.
  const third = { "2026-01-01": "3", "2026-01-02": "4", "2026-01-03": "5.333333333333" };
  assert.deepEqual((await of("THIRD", third)).slice(2, 4), [0, null]);
  // No return after a price of 0, and none of the whole from it.
  const zero = { "2026-01-01": "0", "2026-01-02": "5", "2026-01-03": "0", "2026-01-04": "10" };
  assert.deepEqual(await of("ZERO", zero), [1, null, null, null, -100, -100, 1]);
});

forEachDatabase("The forming day is no return", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCloses(sql, id, { "2026-01-01": "100", "2026-01-02": "110" });
  const forming = candle("2026-01-03T00:00:00Z", "1", { isFinal: false });
  await storeCandles(sql, id, "1day", [forming]);
  assert.equal((await performance(sql, id)).compounded_return_percent, 10);
});

forEachDatabase(
  "A drawdown runs from a peak to a close as high again, or is under way",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    await storeCloses(sql, id, {
      "2026-01-01": "90",
      "2026-01-02": "100",
      "2026-01-03": "80",
      "2026-01-04": "90",
      "2026-01-09": "100",
      "2026-01-10": "70",
      "2026-01-11": "60",
      "2026-01-12": "60",
    });
    const list = (from: string | null) =>
      sql`
        select to_jsonb(d) as drawdown
        from market.drawdowns(${id}, ${from}::text::timestamptz, null) d
        order by peak_on`.then((rows) => rows.map((row) => Object.values(row.drawdown)));
    const drawdown = (
      [peakOn, peak]: [string, number],
      [troughOn, trough]: [string, number],
      recoveredOn: string | null,
      [percent, days]: [number, number],
    ) => ({
      peak,
      trough,
      peak_on: peakOn,
      trough_on: troughOn,
      recovered_on: recoveredOn,
      depth_percent: percent,
      duration_days: days,
      is_under_way: recoveredOn === null,
    });
    const first = drawdown(["2026-01-02", 100], ["2026-01-03", 80], "2026-01-09", [-20, 7]);
    const second = drawdown(["2026-01-09", 100], ["2026-01-11", 60], null, [-40, 3]);
    const sorted = (rows: Record<string, unknown>[]) =>
      rows.map((row) => Object.values(row).map(String).sort());
    const actual = async (from: string | null) =>
      (await list(from)).map((values) => values.map(String).sort());
    assert.deepEqual(await actual(null), sorted([first, second]));
    // The close before the window is where it starts from.
    assert.deepEqual(await actual("2026-01-10Z"), sorted([second]));
    const p = await performance(sql, id);
    assert.deepEqual([p.deepest_drawdown_percent, p.deepest_drawdown_trough_on], [
      -40,
      "2026-01-11",
    ]);
    assert.deepEqual([p.longest_drawdown_days, p.longest_drawdown_is_under_way], [7, false]);
  },
);

forEachDatabase(
  "Monthly returns compound, the first from its first close, over leap days and gaps",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql);
    await storeCloses(sql, id, {
      "2027-12-30": "50",
      "2027-12-31": "100",
      "2028-01-31": "110",
      "2028-02-28": "100",
      "2028-02-29": "121",
      "2028-03-01": "60.5",
      "2028-05-02": "121",
    });
    const months = async (from: string | null) => {
      const rows = await sql`
        select month::text, return_percent, first_on::text, last_on::text, return_count
        from market.monthly_returns(${id}, ${from}::text::timestamptz, null) order by month`;
      return rows.map((row) => Object.values(row));
    };
    const expected = [
      ["2027-12-01", 100, "2027-12-30", "2027-12-31", 1],
      ["2028-01-01", 10, "2027-12-31", "2028-01-31", 1],
      ["2028-02-01", 10, "2028-01-31", "2028-02-29", 2],
      ["2028-03-01", -50, "2028-02-29", "2028-03-01", 1],
      ["2028-05-01", 100, "2028-03-01", "2028-05-02", 1],
    ];
    assert.deepEqual(await months(null), expected);
    assert.deepEqual(await months("2028-02-01Z"), expected.slice(2));
    const { id: young } = await storeInstrument(sql, { symbol: "NEW/USD" });
    await storeCloses(sql, young, { "2028-02-29": "7" });
    const [only] =
      await sql`select return_percent from market.monthly_returns(${young}, null, null)`;
    assert.equal(only!.returnPercent, null);
  },
);

forEachDatabase(
  "Seasonality by hour is told in the exchange's zone, through both clock changes",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql, AAPL);
    const hour = (openedAt: string, close: string, volume: string | null, isFinal = true) =>
      candle(openedAt, close, { open: "100", high: "110", low: "90", volume, isFinal });
    const candles = [
      hour("2026-03-06T14:30:00Z", "101", "10"),
      hour("2026-03-09T13:30:00Z", "103", "20"),
      hour("2026-10-30T13:30:00Z", "102", null),
      hour("2026-11-02T14:30:00Z", "98", "30"),
      hour("2026-11-02T15:30:00Z", "100", null),
      hour("2026-11-02T16:30:00Z", "110", "1", false),
    ];
    const list = async (instrumentId: number) => {
      const rows = await sql`
        select * from market.seasonality_by_hour(${instrumentId}, null, '2026-11-22Z')
        order by hour`;
      return rows.map((row) => Object.values(row));
    };
    await storeCandles(sql, id, "1h", candles);
    assert.deepEqual(await list(id), [
      [9, "America/New_York", 4, 1, 75, "20"],
      [10, "America/New_York", 1, 0, 0, null],
    ]);
    const { id: bitcoin } = await storeInstrument(sql);
    await storeCandles(sql, bitcoin, "1h", candles);
    assert.deepEqual((await list(bitcoin)).map((row) => row.slice(0, 3)), [
      [13, "UTC", 2],
      [14, "UTC", 2],
      [15, "UTC", 1],
    ]);
  },
);

forEachDatabase("Seasonality by weekday is of the daily returns", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCloses(sql, id, {
    "2026-03-02": "100",
    "2026-03-03": "110",
    "2026-03-04": "110",
    "2026-03-09": "99",
    "2026-03-10": "108.9",
  });
  const rows = await sql`
    select * from market.seasonality_by_weekday(${id}, null, null) order by weekday`;
  assert.deepEqual(rows.map((row) => Object.values(row)), [
    [1, 1, -10, 0],
    [2, 2, 10, 100],
    [3, 1, 0, 0],
  ]);
});

forEachDatabase("What had ended by an instant is the same read either way", async ({ sql }) => {
  const instants = [
    "2026-03-06T20:59:59Z",
    "2026-03-06T21:00:00Z",
    "2026-03-06T21:30:00Z",
    "2026-03-07T12:00:00Z",
    "2026-03-09T19:59:59Z", // the clock has gone forward
    "2026-03-09T20:00:00Z",
    "2026-11-02T20:59:59Z", // and back
    "2026-11-02T21:00:00Z",
    "2028-02-29T21:00:00Z",
    "2028-03-01T00:00:00Z",
  ];
  for (const [timezone, closes] of [[null, null], ["America/New_York", "16:00"]]) {
    const wrong = await sql`
      select candle_interval, at, opened_at
      from unnest(${[...INTERVALS]}::text[]) candle_interval
      cross join unnest(${instants}::text[]) instant
      cross join lateral (select instant::timestamptz as at) asked
      cross join lateral (
        -- Around the instant, on the candles' own times.
        select date_bin(
          case when candle_interval in ('1day', '1week', '1month') then interval '24 hours'
            else interval '30 minutes' end,
          at, '2001-01-01Z') - n * case when candle_interval in ('1day', '1week', '1month')
            then interval '24 hours' else interval '30 minutes' end as opened_at
        from generate_series(-2, 40) n
      ) candle
      where (candle_interval <> '1month' or extract(day from opened_at at time zone 'UTC') = 1)
        and (opened_at < market.ended_opened_before(
          candle_interval, at, ${timezone ?? null}, ${closes ?? null}::text::time
        )) <> (market.candle_closes_at(
          candle_interval, opened_at, ${timezone ?? null}, ${closes ?? null}::text::time
        ) <= at)
        -- No candle of a session opens once it is over.
        and (${timezone ?? null}::text is null
          or candle_interval in ('1day', '1week', '1month')
          or (opened_at at time zone 'America/New_York')::time < '16:00')`;
    assert.deepEqual([...wrong], []);
  }
});
