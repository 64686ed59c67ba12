import assert from "node:assert/strict";
import fc from "fast-check";
import { brokenCandleRule } from "../../market/candle.ts";
import { DAY_MS } from "../../market/holidays.ts";
import { type Interval, INTERVALS } from "../../market/interval.ts";
import { candleOpens, closesAt } from "../../market/session.ts";
import { makeGeneratedMarket } from "../../simulator/generated_market.ts";
import { type Bar, type BarWindow, sessionOfListing } from "../../simulator/market.ts";

const market = makeGeneratedMarket(1);
const listings = market.listings();
const anyListing = fc.constantFrom(
  ...["AAPL", "SPX", "QQQ", "BTC/USD", "DOGE/USD", "EUR/USD", "XAU/USD"].map((symbol) =>
    listings.find((listing) => listing.symbol === symbol)!
  ),
);
const anyInterval = fc.constantFrom(...INTERVALS);
const at = (text: string) => Date.parse(text);
const NOW = at("2026-11-20T17:47:23Z");
/** Any second of the 6 years before `NOW`. */
const anySecond = fc.integer({ min: at("2020-11-20") / 1000, max: NOW / 1000 }).map((s) =>
  s * 1000
);
const ALL = { fromMs: -Infinity, toMs: Infinity };

/** Exactly what the digits say, in units of the tenth decimal. */
function exact(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(10, "0"));
}

/** One candle of several, worked out here without the simulator's own sum. */
function aggregate(bars: Bar[]): Omit<Bar, "openedMs"> {
  const by = (pick: (bar: Bar) => string, sign: bigint) =>
    bars.map(pick).reduce((a, b) => sign * (exact(b) - exact(a)) > 0n ? b : a);
  const volumes = bars.map(({ volume }) => volume);
  return {
    open: bars[0]!.open,
    high: by((bar) => bar.high, 1n),
    low: by((bar) => bar.low, -1n),
    close: bars.at(-1)!.close,
    volume: volumes.includes(null)
      ? null
      : String(volumes.reduce((sum, volume) => sum + BigInt(volume!), 0n)),
  };
}

Deno.test("every candle keeps the rules of a candle, and volume is there where the contract has it", () => {
  fc.assert(
    fc.property(anyListing, anyInterval, anySecond, (listing, interval, nowMs) => {
      const bars = market.bars(listing, interval, { ...ALL, count: 40 }, nowMs);
      assert.equal(bars.length, 40);
      for (const bar of bars) {
        assert.equal(brokenCandleRule(bar), null);
        assert.equal(bar.volume !== null, ["stock", "etf", "index"].includes(listing.kind));
        if (bar.volume !== null) assert.match(bar.volume, /^\d+$/);
      }
    }),
  );
});

Deno.test("the candles are those that the session expects", () => {
  fc.assert(
    fc.property(anyListing, anyInterval, anySecond, (listing, interval, fromMs) => {
      const toMs = fromMs + 9 * DAY_MS;
      const bars = market.bars(
        listing,
        interval,
        { fromMs, toMs, count: 20_000 },
        toMs + 40 * DAY_MS,
      );
      const opens = candleOpens(
        new Date(fromMs),
        new Date(toMs + 1),
        interval,
        sessionOfListing(listing),
      );
      assert.deepEqual(bars.map((bar) => bar.openedMs), opens.map(Number));
    }),
    { numRuns: 40 },
  );
});

Deno.test("the same window in pages, or from another simulator of the seed, agrees to the last digit", () => {
  fc.assert(
    fc.property(
      anyListing,
      anyInterval,
      anySecond,
      fc.integer({ min: 1, max: 30 }),
      (listing, interval, nowMs, pageSize) => {
        const whole = market.bars(listing, interval, { ...ALL, count: 60 }, nowMs);
        const other = makeGeneratedMarket(1);
        const paged: Bar[] = [];
        let toMs = Infinity;
        while (paged.length < 60) {
          const window: BarWindow = { fromMs: -Infinity, toMs, count: pageSize };
          const page = other.bars(listing, interval, window, nowMs);
          paged.unshift(...page);
          toMs = page[0]!.openedMs - 1;
        }
        assert.deepEqual(paged.slice(-60), whole);
      },
    ),
    { numRuns: 40 },
  );
});

const STEPS: [Interval, Interval][] = [
  ["1min", "5min"],
  ["5min", "15min"],
  ["15min", "30min"],
  ["15min", "45min"],
  ["15min", "1h"],
  ["1h", "2h"],
  ["1h", "4h"],
  ["1h", "8h"],
  ["1min", "1h"],
];

Deno.test("any intraday candle is the sum of the shorter ones in it, forming ones too", () => {
  fc.assert(
    fc.property(
      anyListing,
      fc.constantFrom(...STEPS),
      anySecond,
      (listing, [short, long], nowMs) => {
        for (const bar of market.bars(listing, long, { ...ALL, count: 3 }, nowMs)) {
          const end = closesAt(new Date(bar.openedMs), long, sessionOfListing(listing));
          const window = { fromMs: bar.openedMs, toMs: end.getTime() - 1, count: 5000 };
          const parts = market.bars(listing, short, window, nowMs);
          assert.deepEqual({ openedMs: bar.openedMs, ...aggregate(parts) }, bar);
        }
      },
    ),
  );
});

Deno.test("a day is the sum of its hours, a week and a month of their days, forming ones too", () => {
  fc.assert(
    fc.property(anyListing, anySecond, (listing, nowMs) => {
      const session = sessionOfListing(listing);
      const [day] = market.bars(listing, "1day", { ...ALL, count: 1 }, nowMs);
      // A forex day runs from 17:00 to 17:00 New York, others within their UTC date.
      const isForex = session.name === "forex";
      const hours = market.bars(listing, "1h", { ...ALL, count: 24 }, nowMs).filter((hour) => {
        const closeMs = hour.openedMs + (isForex ? fromRollToMidnightMs(hour.openedMs) : 0);
        return Math.floor(closeMs / DAY_MS) * DAY_MS === day!.openedMs;
      });
      assert.deepEqual({ openedMs: day!.openedMs, ...aggregate(hours) }, day);
      for (const interval of ["1week", "1month"] as const) {
        const [bar] = market.bars(listing, interval, { ...ALL, count: 1 }, nowMs);
        const window = { fromMs: bar!.openedMs, toMs: nowMs + DAY_MS, count: 31 };
        const days = market.bars(listing, "1day", window, nowMs);
        assert.deepEqual({ openedMs: bar!.openedMs, ...aggregate(days) }, bar);
      }
    }),
  );
});

/** What carries 17:00 New York to midnight UTC of the next date, in milliseconds. */
function fromRollToMidnightMs(ms: number): number {
  const newYork = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("America/New_York");
  return 7 * 3_600_000 + newYork.offsetNanoseconds / 1e6;
}

Deno.test("a forming candle never takes anything back and ends as its final form", () => {
  fc.assert(
    fc.property(
      anyListing,
      anyInterval,
      anySecond,
      fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 20 }),
      (listing, interval, startMs, pausesS) => {
        const [first] = market.bars(listing, interval, { ...ALL, count: 1 }, startMs);
        const { openedMs } = first!;
        const watch = (nowMs: number) =>
          market.bars(listing, interval, { fromMs: openedMs, toMs: openedMs, count: 1 }, nowMs)[0]!;
        let [nowMs, seen] = [startMs, first!];
        for (const pauseS of pausesS) {
          nowMs += pauseS * 1000;
          const next = watch(nowMs);
          assert.equal(next.open, seen.open);
          assert.ok(exact(next.high) >= exact(seen.high) && exact(next.low) <= exact(seen.low));
          assert.ok(BigInt(next.volume ?? 0) >= BigInt(seen.volume ?? 0));
          seen = next;
        }
        const endMs = closesAt(new Date(openedMs), interval, sessionOfListing(listing)).getTime();
        if (nowMs >= endMs) assert.deepEqual(seen, watch(endMs));
        assert.deepEqual(watch(endMs), watch(endMs + 400 * DAY_MS));
      },
    ),
  );
});

Deno.test("a forming minute moves within the minute, and nothing of the future is shown", () => {
  const apple = listings.find(({ symbol }) => symbol === "AAPL")!;
  const second = (s: number) =>
    market.bars(apple, "1min", { ...ALL, count: 1 }, at("2026-11-20T17:47:00Z") + s * 1000)[0]!;
  assert.deepEqual(second(0), second(9));
  assert.equal(second(0).open, second(0).close);
  assert.equal(second(0).volume, "0");
  assert.equal(new Set([0, 10, 20, 30, 40, 50].map((s) => second(s).volume)).size, 6);
  assert.equal(second(-1).openedMs, at("2026-11-20T17:46:00Z"));
});

Deno.test("a forex day is shown from 17:00 New York of the evening before its date", () => {
  const euro = listings.find(({ symbol }) => symbol === "EUR/USD")!;
  const newest = (now: string) =>
    new Date(market.bars(euro, "1day", { ...ALL, count: 1 }, at(now))[0]!.openedMs).toISOString();
  assert.equal(newest("2026-11-22T21:59:59Z"), "2026-11-20T00:00:00.000Z");
  assert.equal(newest("2026-11-22T22:00:00Z"), "2026-11-23T00:00:00.000Z");
});

Deno.test("intraday candles follow each other without a jump, and stocks open with a gap", () => {
  const apple = listings.find(({ symbol }) => symbol === "AAPL")!;
  const minutes = market.bars(apple, "1min", { ...ALL, count: 1000 }, NOW);
  let gaps = 0;
  for (const [i, bar] of minutes.entries()) {
    const before = minutes[i - 1];
    if (!before || before.close === bar.open) continue;
    assert.ok(bar.openedMs - before.openedMs > 60_000, "a jump inside a session");
    gaps++;
  }
  assert.equal(gaps, 3);
});

Deno.test("levels and moves are believable, and another seed has other prices", () => {
  const newest = (symbol: string, seed: number, count = 1) => {
    const other = makeGeneratedMarket(seed);
    const listing = listings.find((known) => known.symbol === symbol)!;
    return other.bars(listing, "1day", { ...ALL, count }, NOW).map((bar) => Number(bar.close));
  };
  for (
    const [symbol, level, yearly] of [
      ["AAPL", 270, 0.28],
      ["BTC/USD", 90_000, 0.48],
      ["EUR/USD", 1.16, 0.07],
    ] as const
  ) {
    for (const seed of [1, 2, 3, 4, 5]) {
      const closes = newest(symbol, seed, 500);
      assert.ok(
        Math.abs(Math.log(closes.at(-1)! / level)) < 3 * yearly,
        `${symbol} of seed ${seed}`,
      );
      const returns = closes.slice(1).map((close, i) => Math.log(close / closes[i]!));
      const daily = Math.sqrt(returns.reduce((sum, r) => sum + r * r, 0) / returns.length);
      const perYear = daily * Math.sqrt(symbol === "BTC/USD" ? 365 : 252);
      assert.ok(perYear > 0.8 * yearly && perYear < 1.2 * yearly, `${symbol}: ${perYear}`);
    }
  }
  assert.notEqual(newest("AAPL", 1)[0], newest("AAPL", 2)[0]);
  assert.notEqual(newest("GOOGL", 1)[0], newest("GOOG", 1)[0]);
});

const PINNED: Bar[] = [
  {
    openedMs: at("2025-06-02T14:31:00Z"),
    open: "255.79400",
    high: "255.952",
    low: "255.06900",
    close: "255.84100",
    volume: "64640",
  },
  {
    openedMs: at("2025-06-02T14:00:00Z"),
    open: "84982.88",
    high: "85100.1",
    low: "84903.56",
    close: "84923.5",
    volume: null,
  },
  {
    openedMs: at("2025-06-02T00:00:00Z"),
    open: "1.16107",
    high: "1.16292",
    low: "1.16074",
    close: "1.16194",
    volume: null,
  },
];

Deno.test("the prices of seed 1 are the same on every machine and in every version", () => {
  const bar = (symbol: string, interval: Interval) =>
    market.bars(listings.find((known) => known.symbol === symbol)!, interval, {
      fromMs: -Infinity,
      toMs: at("2025-06-02T14:31:00Z"),
      count: 1,
    }, NOW)[0];
  assert.deepEqual([bar("AAPL", "1min"), bar("BTC/USD", "1h"), bar("EUR/USD", "1day")], PINNED);
});
