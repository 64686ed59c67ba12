import assert from "node:assert/strict";
import fc from "fast-check";
import {
  creditsDue,
  fitShare,
  historyRequest,
  isDue,
  MAX_PAGE,
  planLoads,
  planRequests,
  type SeriesPosition,
  shareOfDay,
  tileWindow,
} from "../../etl/window.ts";
import { type Interval, intervalDurationMs, INTERVALS } from "../../market/interval.ts";
import { candleOpens, closesAt, sessionOf } from "../../market/session.ts";

const HOUR_MS = 3_600_000;
const STOCKS = sessionOf("stock", "America/New_York");
const COINS = sessionOf("crypto", null);
const FOREX = sessionOf("forex", null);
const TORONTO = sessionOf("stock", "America/Toronto");

const interval = fc.constantFrom(...INTERVALS);
const instant = fc.date({
  min: new Date("2000-01-01T00:00:00Z"),
  max: new Date("2050-01-01T00:00:00Z"),
  noInvalidDate: true,
}).map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

Deno.test("planRequests() asks for the newest candles of a series that was never loaded", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const plan = (interval: "1h" | "1day" | "15min" | "1min") =>
    planRequests({ interval, rereadFrom: null }, now);
  assert.deepEqual(plan("1h"), [{ interval: "1h", outputSize: 744 }]);
  assert.deepEqual(plan("1day"), [{ interval: "1day", outputSize: 732 }]);
  assert.deepEqual(plan("15min"), [{ interval: "15min", outputSize: 2976 }]);
  assert.deepEqual(plan("1min"), [{ interval: "1min", outputSize: MAX_PAGE }]);
});

Deno.test("Windows tile the time line with neither hole nor overlap, and each fits a page", () => {
  fc.assert(fc.property(
    interval,
    instant,
    fc.integer({ min: 0, max: 4 * 365 * 24 * 3600 }),
    (interval, from, seconds) => {
      const to = new Date(from.getTime() + seconds * 1000);
      const requests = tileWindow(interval, from, to);
      assert.deepEqual(planRequests({ interval, rereadFrom: from }, to), requests);
      assert.deepEqual(requests[0]?.start, from);
      assert.deepEqual(requests.at(-1)?.end, to);
      for (const [index, request] of requests.entries()) {
        assert.ok(request.start! <= request.end!);
        const next = requests[index + 1];
        if (next) assert.equal(next.start!.getTime() - request.end!.getTime(), 1000);
        const most = (request.end!.getTime() - request.start!.getTime() + 1000) /
          intervalDurationMs(interval);
        assert.ok(
          most <= request.outputSize && request.outputSize < MAX_PAGE,
          `${most} candles do not fit a page`,
        );
      }
    },
  ));
});

Deno.test("Pages of history tile the time line backwards, whatever they hold", () => {
  fc.assert(fc.property(
    interval,
    instant,
    fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 }),
    (interval, to, steps) => {
      const candles = steps.reduce((sum, step) => sum + step, 0) + 1;
      const from = new Date(to.getTime() - candles * intervalDurationMs(interval));
      let before = to;
      for (const step of steps) {
        const request = historyRequest(interval, from, before);
        assert.deepEqual(request.start, from, "all that is left is asked for; the newest win");
        assert.equal(before.getTime() - request.end!.getTime(), 1000);
        assert.ok(request.outputSize <= MAX_PAGE);
        before = new Date(before.getTime() - step * intervalDurationMs(interval));
      }
    },
  ));
});

Deno.test("planRequests() asks for nothing before the re-read is due", () => {
  const rereadFrom = new Date("2026-11-22T12:00:01Z");
  assert.deepEqual(
    planRequests({ interval: "1h", rereadFrom }, new Date("2026-11-22T12:00:00Z")),
    [],
  );
});

/** A series whose newest candle opened at `openedAt` and was loaded at `loadedAt`. */
function series(
  interval: Interval,
  session: SeriesPosition["session"],
  openedAt: string,
  values: { isFinal?: boolean; loadedAt?: string } = {},
): SeriesPosition {
  const { isFinal = true, loadedAt = openedAt } = values;
  return {
    interval,
    session,
    newest: { openedAt: new Date(openedAt), isFinal, loadedAt: new Date(loadedAt) },
    rereadFrom: new Date(openedAt),
  };
}

Deno.test("A stock is not asked for from the last candle of Friday until Monday's first", () => {
  const hourly = series("1h", STOCKS, "2026-11-20T20:30:00Z", { loadedAt: "2026-11-20T21:02:00Z" });
  const daily = series("1day", STOCKS, "2026-11-20T00:00:00Z");
  for (const now of ["2026-11-20T21:02:01Z", "2026-11-21T12:00:00Z", "2026-11-23T14:29:59Z"]) {
    assert.equal(isDue(hourly, new Date(now)), false, now);
  }
  assert.equal(isDue(hourly, new Date("2026-11-23T14:30:00Z")), true);
  assert.equal(isDue(daily, new Date("2026-11-23T14:02:00Z")), false, "its date, before it opens");
  assert.equal(isDue(daily, new Date("2026-11-23T15:02:00Z")), true);
});

Deno.test("A holiday, a half day and forex's weekend cost no credit either", () => {
  const wednesday = series("1h", STOCKS, "2026-11-25T20:30:00Z");
  assert.equal(isDue(wednesday, new Date("2026-11-26T18:00:00Z")), false, "Thanksgiving");
  const halfDay = series("1h", STOCKS, "2026-11-27T17:30:00Z");
  assert.equal(isDue(halfDay, new Date("2026-11-27T19:02:00Z")), false, "closed at 13:00");
  const friday = series("1h", FOREX, "2026-11-20T21:00:00Z");
  assert.equal(isDue(friday, new Date("2026-11-22T21:59:00Z")), false);
  assert.equal(isDue(friday, new Date("2026-11-22T22:02:00Z")), true, "Sunday, 17:00 New York");
});

Deno.test("A forming candle is read again once it has ended, and while its market trades", () => {
  const loadedAt = "2026-11-20T20:02:00Z";
  const hourly = series("1h", STOCKS, "2026-11-20T19:30:00Z", { isFinal: false, loadedAt });
  assert.equal(isDue(hourly, new Date("2026-11-20T20:10:00Z")), true, "it trades");
  const week = series("1week", STOCKS, "2026-11-16T00:00:00Z", {
    isFinal: false,
    loadedAt: "2026-11-18T21:02:00Z",
  });
  assert.equal(isDue(week, new Date("2026-11-19T03:00:00Z")), false, "nothing traded overnight");
  assert.equal(isDue(week, new Date("2026-11-19T15:00:00Z")), true);
  const forexDay = series("1day", FOREX, "2026-11-20T00:00:00Z", {
    isFinal: false,
    loadedAt: "2026-11-20T22:02:00Z",
  });
  assert.equal(isDue(forexDay, new Date("2026-11-20T23:02:00Z")), false);
  assert.equal(isDue(forexDay, new Date("2026-11-21T00:02:00Z")), true, "its date has ended");
});

Deno.test("What nobody knows the hours of is asked as soon as an interval has passed", () => {
  const toronto = series("1h", TORONTO, "2026-11-21T12:00:00Z");
  assert.equal(isDue(toronto, new Date("2026-11-21T12:59:00Z")), false);
  assert.equal(isDue(toronto, new Date("2026-11-21T13:00:00Z")), true);
  const never = { interval: "1h", session: null, newest: null, rereadFrom: null } as const;
  assert.equal(isDue(never, new Date()), true);
});

Deno.test("isDue() never rests while a candle that should be there is not", () => {
  fc.assert(fc.property(
    fc.constantFrom(STOCKS, COINS, FOREX),
    fc.constantFrom<Interval>("1min", "15min", "1h", "1day", "1week", "1month"),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 0, max: 90 * 24 * 60 }),
    (session, interval, skip, minutes) => {
      const begin = new Date(Date.parse("2025-01-01T00:00:00Z") + skip * 2 * HOUR_MS);
      const [opened] = candleOpens(
        begin,
        new Date(begin.getTime() + 40 * 24 * HOUR_MS),
        interval,
        session,
      );
      const closed = closesAt(opened!, interval, session);
      const now = new Date(closed.getTime() + minutes * 60_000);
      const missing = candleOpens(
        new Date(opened!.getTime() + 1),
        new Date(now.getTime() + 1),
        interval,
        session,
      );
      const position = {
        interval,
        session,
        newest: { openedAt: opened!, isFinal: true, loadedAt: closed },
        rereadFrom: opened!,
      };
      if (missing.some((opens) => closesAt(opens, interval, session) <= now)) {
        assert.ok(isDue(position, now), `${opened!.toISOString()} ${now.toISOString()}`);
      }
    },
  ));
});

Deno.test("planLoads() takes what is nearly up to date first, in batches of one interval and listing", () => {
  const now = new Date("2026-11-20T18:02:00Z");
  const named = (symbol: string, position: SeriesPosition, micCode: string | null = null) => ({
    symbol,
    micCode,
    ...position,
  });
  const unloaded: SeriesPosition = {
    interval: "1h",
    session: null,
    newest: null,
    rereadFrom: null,
  };
  const planned = planLoads([
    named("OLD", series("1h", COINS, "2026-01-01T00:00:00Z")),
    named("NEW", unloaded),
    named("AAPL", series("1h", STOCKS, "2026-11-20T15:30:00Z")),
    named("AAPL", series("1day", STOCKS, "2026-11-18T00:00:00Z")),
    named("RY", series("1h", TORONTO, "2026-11-20T15:30:00Z"), "XTSE"),
    named("BTC/USD", series("1h", COINS, "2026-11-20T14:00:00Z")),
  ], now);
  assert.deepEqual(
    planned.map(({ series, requests }) => [
      series.map(({ symbol }) => symbol).join(),
      requests[0]?.interval,
      requests.length,
    ]),
    [
      ["BTC/USD,AAPL", "1h", 1],
      ["AAPL", "1day", 1],
      ["RY", "1h", 1],
      ["NEW", "1h", 1],
      ["OLD", "1h", 2],
    ],
  );
  assert.deepEqual(planned[0]?.requests[0]?.start, new Date("2026-11-20T14:00:00Z"), "the widest");
  assert.deepEqual(planned[0]?.requests[0]?.end, now);
});

Deno.test("creditsDue() counts the runs at which a market trades, or traded at the one before", () => {
  const hours = (from: number, to: number) =>
    Array.from(
      { length: to - from + 1 },
      (_, hour) => new Date(Date.UTC(2026, 10, 20, from + hour, 2)),
    );
  assert.equal(creditsDue([{ session: COINS }], hours(0, 23)), 24);
  // 09:30 to 16:00 in New York: runs at 15:02 to 20:02, and one after the close.
  assert.equal(creditsDue([{ session: STOCKS }], hours(0, 23)), 7);
  assert.equal(creditsDue([{ session: null }, { session: COINS }], hours(22, 23)), 4);
});

Deno.test("shareOfDay() shares what is too little evenly, and never gives nothing", () => {
  assert.equal(shareOfDay(16, 300, 800), 16);
  assert.equal(shareOfDay(100, 2400, 800), 33);
  assert.equal(shareOfDay(100, 2400, 3), 1);
});

Deno.test("fitShare() keeps a part for what was never loaded, however much else is due", () => {
  const near = { series: ["a", "b", "c", "d", "e", "f"], requests: [], isNear: true };
  const far = { series: ["new", "newer"], requests: [], isNear: false };
  const fit = (most: number) => fitShare([near, far], most).map(({ series }) => series.join(""));
  assert.deepEqual(fit(8), ["abcdef", "newnewer"]);
  assert.deepEqual(fit(7), ["abcde", "newnewer"]);
  assert.deepEqual(fit(4), ["abc", "new"]);
  assert.deepEqual(fit(1), ["new"]);
  assert.deepEqual(fitShare([near], 3).map(({ series }) => series.join("")), ["abc"]);
});
