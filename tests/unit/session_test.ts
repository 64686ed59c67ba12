import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DAY_MS,
  dayNumberOf,
  isForexHoliday,
  isUsHalfDay,
  isUsTradingDay,
} from "../../market/holidays.ts";
import { INTERVALS, isDateInterval } from "../../market/interval.ts";
import { candleOpens, closesAt, isOpen, sessionOf, tradingDay } from "../../market/session.ts";

const US = sessionOf("stock", "America/New_York");
const CRYPTO = sessionOf("crypto", null);
const FOREX = sessionOf("forex", null);
const UNKNOWN = sessionOf("stock", "Asia/Kolkata");
const KNOWN = [US, CRYPTO, FOREX];

const at = (text: string) => new Date(text);
const iso = (date: Date) => date.toISOString().replace(".000Z", "Z");
const day = (date: string) => dayNumberOf(at(date));
const closes = (opened: string, interval: Parameters<typeof closesAt>[1], session = US) =>
  iso(closesAt(at(opened), interval, session));

Deno.test("sessionOf() tells the session from the kind and the exchange's zone", () => {
  assert.equal(US.name, "us_stocks");
  assert.equal(sessionOf("etf", "America/New_York").name, "us_stocks");
  assert.equal(sessionOf("index", "America/New_York").name, "us_stocks");
  assert.equal(sessionOf("crypto", "America/New_York").name, "round_the_clock");
  assert.equal(sessionOf("commodity", null).name, "forex");
  assert.deepEqual(sessionOf("stock", null), {
    name: "unknown",
    timezone: "UTC",
    opens: null,
    closes: null,
  });
  assert.equal(UNKNOWN.timezone, "Asia/Kolkata");
});

// The closings that NYSE Group published for these years (its yearly press releases).
const PUBLISHED: Record<number, { closed: string[]; half: string[] }> = {
  2011: {
    closed: ["01-17", "02-21", "04-22", "05-30", "07-04", "09-05", "11-24", "12-26"],
    half: ["11-25"],
  },
  2014: {
    closed: ["01-01", "01-20", "02-17", "04-18", "05-26", "07-04", "09-01", "11-27", "12-25"],
    half: ["07-03", "11-28", "12-24"],
  },
  2015: {
    closed: ["01-01", "01-19", "02-16", "04-03", "05-25", "07-03", "09-07", "11-26", "12-25"],
    half: ["11-27", "12-24"],
  },
  2022: {
    closed: ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"],
    half: ["11-25"],
  },
  2023: {
    closed: "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25".split(" "),
    half: ["07-03", "11-24"],
  },
  2024: {
    closed: "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25".split(" "),
    half: ["07-03", "11-29", "12-24"],
  },
};

Deno.test("US holidays and half days are those that NYSE published", () => {
  for (const [year, { closed, half }] of Object.entries(PUBLISHED)) {
    const found = { closed: [] as string[], half: [] as string[] };
    for (let d = day(`${year}-01-01`); d <= day(`${year}-12-31`); d++) {
      const date = new Date(d * DAY_MS);
      const name = date.toISOString().slice(5, 10);
      const isWeekend = [0, 6].includes(date.getUTCDay());
      if (!isWeekend && !isUsTradingDay(d)) found.closed.push(name);
      if (isUsHalfDay(d)) found.half.push(name);
    }
    assert.deepEqual(found, { closed, half }, year);
  }
});

Deno.test("the days on which no rule closed the exchange are known", () => {
  for (
    const date
      of "2001-09-11 2001-09-14 2004-06-11 2007-01-02 2012-10-29 2012-10-30 2018-12-05 2025-01-09"
        .split(" ")
  ) assert.equal(isUsTradingDay(day(date)), false, date);
  assert.ok(isUsTradingDay(day("2001-09-17")));
  assert.ok(isUsTradingDay(day("2021-06-18")), "Juneteenth is kept since 2022");
  assert.ok(isUsTradingDay(day("2021-12-31")), "New Year on a Saturday is not kept on the Friday");
});

Deno.test("closesAt() cuts the last US candle of a day at the close", () => {
  assert.equal(closes("2026-11-20T20:30:00Z", "1h"), "2026-11-20T21:00:00Z");
  assert.equal(closes("2026-11-20T14:30:00Z", "1h"), "2026-11-20T15:30:00Z");
  assert.equal(closes("2026-11-20T14:30:00Z", "8h"), "2026-11-20T21:00:00Z");
  // The day after Thanksgiving closes at 13:00 New York.
  assert.equal(closes("2026-11-27T17:30:00Z", "1h"), "2026-11-27T18:00:00Z");
});

Deno.test("closesAt() ends a US candle of a date with its last close", () => {
  assert.equal(closes("2026-11-20", "1day"), "2026-11-20T21:00:00Z");
  assert.equal(closes("2026-07-06", "1day"), "2026-07-06T20:00:00Z");
  assert.equal(closes("2026-11-27", "1day"), "2026-11-27T18:00:00Z");
  assert.equal(closes("2026-11-23", "1week"), "2026-11-27T18:00:00Z");
  // Good Friday: the week of 2026-03-30 ends on Thursday.
  assert.equal(closes("2026-03-30", "1week"), "2026-04-02T20:00:00Z");
  // 2026-05-31 is a Sunday: May ends on Friday the 29th.
  assert.equal(closes("2026-05-01", "1month"), "2026-05-29T20:00:00Z");
});

Deno.test("closesAt() ends other candles of a date at 24:00 UTC", () => {
  assert.equal(closes("2024-02-28", "1day", CRYPTO), "2024-02-29T00:00:00Z");
  assert.equal(closes("2024-02-29", "1day", FOREX), "2024-03-01T00:00:00Z");
  assert.equal(closes("2024-02-01", "1month", CRYPTO), "2024-03-01T00:00:00Z");
  assert.equal(closes("2023-02-01", "1month", UNKNOWN), "2023-03-01T00:00:00Z");
});

Deno.test("US candles follow New York through both clock changes", () => {
  const opens = (date: string) => candleOpens(at(date), at(`${date}T23:59:59Z`), "1h", US).map(iso);
  // Clocks go forward on 2026-03-08 and back on 2026-11-01.
  assert.equal(opens("2026-03-06")[0], "2026-03-06T14:30:00Z");
  assert.equal(opens("2026-03-09")[0], "2026-03-09T13:30:00Z");
  assert.equal(opens("2026-10-30")[0], "2026-10-30T13:30:00Z");
  assert.equal(opens("2026-11-02")[0], "2026-11-02T14:30:00Z");
  assert.equal(opens("2026-11-02").length, 7);
  assert.equal(opens("2026-11-27").length, 4);
  assert.deepEqual(opens("2026-11-26"), []);
});

Deno.test("a forex candle is cut where the week closes, and nowhere before", () => {
  const close = (openedAt: string) => closesAt(new Date(openedAt), "4h", FOREX).toISOString();
  assert.equal(close("2026-01-14T21:00:00Z"), "2026-01-15T01:00:00.000Z", "over 17:00 New York");
  assert.equal(close("2026-01-16T21:00:00Z"), "2026-01-16T22:00:00.000Z", "Friday's close");
});

Deno.test("forex trades from Sunday 17:00 to Friday 17:00 New York in both seasons", () => {
  for (
    const [instant, open] of [
      ["2026-11-20T21:59:59Z", true],
      ["2026-11-20T22:00:00Z", false],
      ["2026-11-22T21:59:59Z", false],
      ["2026-11-22T22:00:00Z", true],
      ["2026-07-10T20:59:59Z", true],
      ["2026-07-10T21:00:00Z", false],
      ["2026-07-12T21:00:00Z", true],
      ["2026-11-25T03:00:00Z", true],
    ] as const
  ) assert.equal(isOpen(at(instant), FOREX), open, instant);
  // 4h candles are counted from 17:00 New York, so they shift with the season.
  const opens = (from: string) =>
    candleOpens(at(from), new Date(at(from).getTime() + DAY_MS), "4h", FOREX)[0]!;
  assert.equal(iso(opens("2026-11-23")), "2026-11-23T02:00:00Z");
  assert.equal(iso(opens("2026-07-13")), "2026-07-13T01:00:00Z");
});

Deno.test("forex rests on Christmas Day and New Year's Day, wherever they fall, and on no other", () => {
  const rests: string[] = [];
  for (let d = day("2024-12-01"); d <= day("2026-01-31"); d++) {
    const date = new Date(d * DAY_MS);
    const isWeekend = [0, 6].includes(date.getUTCDay());
    if (!isWeekend && !tradingDay(d, FOREX)) rests.push(iso(date).slice(0, 10));
  }
  assert.deepEqual(rests, ["2024-12-25", "2025-01-01", "2025-12-25", "2026-01-01"]);
  // The day of a date begins in the evening before it: so does its rest.
  for (
    const [instant, open] of [
      ["2025-12-24T21:59:59Z", true],
      ["2025-12-24T22:00:00Z", false],
      ["2025-12-25T21:59:59Z", false],
      ["2025-12-25T22:00:00Z", true],
    ] as const
  ) assert.equal(isOpen(at(instant), FOREX), open, instant);
  assert.equal(closes("2025-12-24T21:00:00Z", "4h", FOREX), "2025-12-24T22:00:00Z");
  assert.deepEqual(candleOpens(at("2025-12-25"), at("2025-12-26"), "1day", FOREX), []);
  assert.ok(!isForexHoliday(day("2025-12-26")));
});

Deno.test("a round-the-clock market has a candle in every slot, leap days too", () => {
  assert.equal(candleOpens(at("2024-02-28"), at("2024-03-01"), "1day", CRYPTO).length, 2);
  assert.equal(candleOpens(at("2024-02-29"), at("2024-03-01"), "1min", CRYPTO).length, 1440);
  assert.deepEqual(
    candleOpens(at("2024-01-31"), at("2024-03-02"), "1month", CRYPTO).map(iso),
    ["2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"],
  );
  assert.ok(isUsTradingDay(day("2024-02-29")));
});

Deno.test("nothing is expected of an unknown session, and it is never called closed", () => {
  assert.deepEqual(candleOpens(at("2026-01-01"), at("2026-02-01"), "1h", UNKNOWN), []);
  assert.ok(isOpen(at("2026-01-04"), UNKNOWN));
  assert.equal(closes("2026-11-20T20:30:00Z", "1h", UNKNOWN), "2026-11-20T21:30:00Z");
});

const instants = fc.date({ min: at("2001-01-01"), max: at("2040-01-01"), noInvalidDate: true });
const anySession = fc.constantFrom(...KNOWN);

Deno.test("any candle closes after it opened", () => {
  fc.assert(
    fc.property(
      instants,
      fc.constantFrom(...INTERVALS),
      fc.constantFrom(...KNOWN, UNKNOWN),
      (opened, interval, session) => closesAt(opened, interval, session) > opened,
    ),
    // A date that is not at 00:00 UTC, after the close: found by chance once.
    { numRuns: 1000, examples: [[at("2017-12-05T21:00:00Z"), "1day", US]] },
  );
});

Deno.test("intraday candles tile a session: no overlap, no hole, none outside", () => {
  const intraday = INTERVALS.filter((interval) => !isDateInterval(interval) && interval !== "1min");
  fc.assert(
    fc.property(instants, fc.constantFrom(...intraday), anySession, (from, interval, session) => {
      const opens = candleOpens(from, new Date(from.getTime() + 10 * DAY_MS), interval, session);
      assert.ok(opens.length > 0);
      for (const [i, open] of opens.entries()) {
        assert.ok(isOpen(open, session));
        assert.ok(open >= from);
        const close = closesAt(open, interval, session);
        assert.ok(isOpen(new Date(close.getTime() - 1), session));
        const next = opens[i + 1];
        if (!next) continue;
        assert.ok(next >= close, "candles overlap");
        if (next > close) assert.ok(!isOpen(close, session), "a hole while the market is open");
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a window cut in two expects the same candles as the whole", () => {
  fc.assert(
    fc.property(
      instants,
      fc.nat(12 * DAY_MS),
      fc.nat(12 * DAY_MS),
      fc.constantFrom(...INTERVALS.slice(2)),
      anySession,
      (from, a, b, interval, session) => {
        const middle = new Date(from.getTime() + a);
        const to = new Date(middle.getTime() + b);
        assert.deepEqual(
          [
            ...candleOpens(from, middle, interval, session),
            ...candleOpens(middle, to, interval, session),
          ],
          candleOpens(from, to, interval, session),
        );
      },
    ),
    { numRuns: 60 },
  );
});
