import assert from "node:assert/strict";
import fc from "fast-check";
import { normalizeCandles, type NormalizeContext } from "../../etl/normalize.ts";
import type { Reject, WireRow } from "../../etl/provider.ts";
import type { Candle } from "../../market/candle.ts";
import { sessionOf } from "../../market/session.ts";

const context: NormalizeContext = {
  interval: "1h",
  session: sessionOf("crypto", null),
  asOf: new Date("2026-11-22T12:30:00Z"),
};

function row(datetime: string, values: Partial<WireRow> = {}): WireRow {
  return { datetime, open: "10", high: "12", low: "9", close: "11", volume: null, ...values };
}

Deno.test("normalizeCandles() puts rows in ascending order, in UTC, digit for digit", () => {
  const { candles, rejects } = normalizeCandles([
    row("2026-11-22 11:00:00", { close: "10.50000" }),
    row("2026-11-22 10:00:00", { volume: "0" }),
  ], context);
  assert.deepEqual(rejects, []);
  assert.deepEqual(candles, [
    {
      openedAt: new Date("2026-11-22T10:00:00Z"),
      open: "10",
      high: "12",
      low: "9",
      close: "11",
      volume: "0",
      isFinal: true,
    },
    {
      openedAt: new Date("2026-11-22T11:00:00Z"),
      open: "10",
      high: "12",
      low: "9",
      close: "10.50000",
      volume: null,
      isFinal: true,
    },
  ]);
});

Deno.test("normalizeCandles() takes a candle as forming until its end, to the millisecond", () => {
  const isFinal = (asOf: string) =>
    normalizeCandles([row("2026-11-22 12:00:00")], { ...context, asOf: new Date(asOf) })
      .candles[0]?.isFinal;
  assert.equal(isFinal("2026-11-22T12:59:59.999Z"), false);
  assert.equal(isFinal("2026-11-22T13:00:00.000Z"), true);
});

Deno.test("normalizeCandles() ends the last hour of a US stock with its session", () => {
  const stock = { ...context, session: sessionOf("stock", "America/New_York") };
  const isFinal = (datetime: string, asOf: string) =>
    normalizeCandles([row(datetime)], { ...stock, asOf: new Date(asOf) }).candles[0]?.isFinal;
  assert.equal(isFinal("2026-11-20 20:30:00", "2026-11-20T20:59:59Z"), false);
  assert.equal(isFinal("2026-11-20 20:30:00", "2026-11-20T21:00:00Z"), true, "16:00 New York");
  assert.equal(isFinal("2026-11-27 17:30:00", "2026-11-27T18:00:00Z"), true, "a half day");
});

Deno.test("normalizeCandles() keeps a daily candle as 00:00 UTC of its date, final after the close", () => {
  const daily = { ...context, interval: "1day", session: sessionOf("stock", "America/New_York") };
  const candle = (asOf: string) =>
    normalizeCandles([row("2026-11-20")], { ...daily, asOf: new Date(asOf) } as NormalizeContext)
      .candles[0];
  assert.deepEqual(candle("2026-11-20T20:59:00Z")?.openedAt, new Date("2026-11-20T00:00:00Z"));
  assert.equal(candle("2026-11-20T20:59:00Z")?.isFinal, false);
  assert.equal(candle("2026-11-20T21:00:00Z")?.isFinal, true);
});

Deno.test("normalizeCandles() keeps none of the rows that disagree about one open time", () => {
  const one = row("2026-11-22 10:00:00", { close: "11" });
  const other = row("2026-11-22 10:00:00", { close: "11.5" });
  const good = row("2026-11-22 11:00:00");
  const { candles, rejects } = normalizeCandles([one, good, other, one], context);
  assert.deepEqual(candles.map(({ openedAt }) => openedAt.getUTCHours()), [11]);
  assert.deepEqual(rejects.map(({ payload }) => payload), [one, other, one]);
  for (const { reason, openedAt } of rejects) {
    assert.equal(reason, "rows with the open time 2026-11-22 10:00:00 must not disagree");
    assert.deepEqual(openedAt, new Date("2026-11-22T10:00:00Z"));
  }
});

Deno.test("normalizeCandles() keeps one of the rows that say the same, the same one in any order", () => {
  const rows = ["11", "11.0", "11.00"].map((close) => row("2026-11-22 10:00:00", { close }));
  const { candles, rejects } = normalizeCandles(rows, context);
  assert.deepEqual(rejects, []);
  assert.equal(candles.length, 1);
  assert.deepEqual(normalizeCandles(rows.toReversed(), context).candles, candles);
});

Deno.test("normalizeCandles() keeps the good one of two rows when the other breaks a rule", () => {
  const bad = row("2026-11-22 10:00:00", { high: "8" });
  const { candles, rejects } = normalizeCandles([row("2026-11-22 10:00:00"), bad], context);
  assert.deepEqual([candles.length, rejects.map(({ payload }) => payload)], [1, [bad]]);
});

Deno.test("normalizeCandles() rejects rows that break a rule and says which, with the value", () => {
  const wrong: [Partial<WireRow>, RegExp][] = [
    [{ high: "8" }, /high must be at least low: 8 < 9/],
    [{ high: "10.5" }, /high must be the highest: 10\.5 < close 11/],
    [{ low: "10.5" }, /low must be the lowest: 10\.5 > open 10/],
    [{ low: "-1" }, /must not be negative: low is -1/],
    [{ volume: "-5" }, /volume must not be negative: -5/],
    [{ datetime: "2026-02-30 10:00:00" }, /datetime must be a time.*2026-02-30/],
    [{ datetime: "2026-11-22 14:00:00" }, /must not open in the future: 2026-11-22T14:00/],
    [{ datetime: "2026-11-22 10:01:00" }, /on the grid of 1h: current value is 2026-11-22 10:01/],
    [{ low: "0.19" }, /low must not lie 50 times below open 10 and close 11: .* 0\.19$/],
    [{ high: "551" }, /high must not lie 50 times above open 10 and close 11: .* 551$/],
  ];
  const good = row("2026-11-22 09:00:00");
  for (const [values, reason] of wrong) {
    const bad = row("2026-11-22 10:00:00", values);
    const { candles, rejects } = normalizeCandles([good, bad], context);
    assert.equal(candles.length, 1, "the good row passes");
    assert.match(rejects[0]?.reason ?? "", reason);
    assert.deepEqual(rejects[0]?.payload, bad);
    const ms = Date.parse(`${bad.datetime.replace(" ", "T")}Z`);
    const isDay = values.datetime !== "2026-02-30 10:00:00";
    assert.deepEqual(rejects[0]?.openedAt, isDay ? new Date(ms) : null);
  }
});

Deno.test("normalizeCandles() cuts what was not asked for", () => {
  const rows = [9, 10, 11].map((hour) => row(`2026-11-22 ${`${hour}`.padStart(2, "0")}:00:00`));
  const window = {
    start: new Date("2026-11-22T10:00:00Z"),
    end: new Date("2026-11-22T10:59:59Z"),
  };
  const { candles, rejects } = normalizeCandles(rows, { ...context, ...window });
  assert.deepEqual(candles.map((c) => c.openedAt.toISOString()), ["2026-11-22T10:00:00.000Z"]);
  assert.deepEqual(rejects, []);
});

Deno.test("normalizeCandles() says from when on the window is answered, rejected rows included", () => {
  const rows = [
    row("2026-11-22 08:00:00"),
    row("2026-11-22 09:00:00", { high: "1" }),
    row("2026-11-22 10:00:00"),
    row("never"),
  ];
  const start = new Date("2026-11-22T08:30:00Z");
  assert.deepEqual(
    normalizeCandles(rows, { ...context, start }).coveredFrom,
    new Date("2026-11-22T09:00:00Z"),
  );
  assert.equal(normalizeCandles([row("never")], context).coveredFrom, null);
});

/** Rows as a bad provider sends them: off the grid, twice, at other levels, broken, in any order. */
const drafts = fc.array(
  fc.record({
    minutes: fc.integer({ min: 0, max: 40 }).map((n) => n * 30),
    open: fc.constantFrom("1", "1.0", "1.5", "99", "100", "9000", "0"),
    close: fc.constantFrom("1", "1.0", "2", "100", "9000", "0"),
    stretch: fc.constantFrom(0, 0, 0, 60, -1),
    hasTime: fc.constantFrom(true, true, true, true, false),
  }),
  { maxLength: 30 },
).map((list) =>
  list.map(({ minutes, open, close, stretch, hasTime }) => {
    const openedAt = new Date(Date.parse("2026-11-22T00:00:00Z") + minutes * 60_000);
    const datetime = hasTime ? openedAt.toISOString().slice(0, 19).replace("T", " ") : "soon";
    const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
    return row(datetime, { open, close, low, high: `${Number(high) * (1 + stretch)}` });
  })
);

const wire = (candle: Candle): WireRow => {
  const { openedAt, isFinal: _, ...values } = candle;
  return { ...values, datetime: openedAt.toISOString().slice(0, 19).replace("T", " ") };
};

/** What a row says, however its digits are written. */
function valuesOf({ datetime, open, high, low, close }: WireRow): string {
  return [datetime, ...[open, high, low, close].map(Number)].join(" ");
}

Deno.test("normalizeCandles() changes nothing in what it has normalised", () => {
  fc.assert(
    fc.property(drafts, (rows) => {
      const { candles } = normalizeCandles(rows, context);
      const again = normalizeCandles(candles.map(wire), context);
      assert.deepEqual([again.candles, again.rejects], [candles, []]);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("normalizeCandles() gives the same whatever the order of the rows", () => {
  const shuffled = drafts.chain((rows) =>
    fc.shuffledSubarray(rows, { minLength: rows.length }).map((other) => [rows, other] as const)
  );
  const sorted = (rejects: Reject[]) => rejects.map((reject) => JSON.stringify(reject)).sort();
  fc.assert(
    fc.property(shuffled, ([rows, other]) => {
      const once = normalizeCandles(rows, context);
      const again = normalizeCandles(other, context);
      assert.deepEqual(again.candles, once.candles);
      assert.deepEqual(again.coveredFrom, once.coveredFrom);
      assert.deepEqual(sorted(again.rejects), sorted(once.rejects));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("normalizeCandles() loses no row of the window silently", () => {
  fc.assert(
    fc.property(drafts, (rows) => {
      const start = new Date("2026-11-22T04:00:00Z");
      const { candles, rejects } = normalizeCandles(rows, { ...context, start });
      const inWindow = rows.filter(({ datetime }) => datetime >= "2026-11-22 04:00:00");
      const keptTimes = new Set(candles.map(({ openedAt }) => openedAt.getTime()));
      const rejected = new Set(rejects.map(({ payload }) => payload));
      const unseen = inWindow.filter((row) => !rejected.has(row));
      assert.equal(inWindow.length, unseen.length + rejects.length, "each is rejected once");
      // Rows that say the same are one: where that one is rejected, its twins are.
      const rejectedValues = new Set(rejects.map(({ payload }) => valuesOf(payload as WireRow)));
      const kept = unseen.filter((row) => !rejectedValues.has(valuesOf(row)));
      for (const { datetime } of kept) {
        assert.ok(keptTimes.has(Date.parse(`${datetime.replace(" ", "T")}Z`)), datetime);
      }
      assert.equal(new Set(kept.map(({ datetime }) => datetime)).size, candles.length);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("normalizeCandles() takes an ordinary page as it is, newest first or last", () => {
  const price = fc.integer({ min: 100, max: 4_000 }).map((cents) => (cents / 100).toFixed(2));
  const rows = fc.uniqueArray(
    fc.record({ hour: fc.integer({ min: 0, max: 500 }), open: price, close: price }),
    { selector: ({ hour }) => hour, maxLength: 50 },
  ).map((drafts) =>
    drafts.toSorted((a, b) => a.hour - b.hour).map(({ hour, open, close }) => {
      const openedAt = new Date(Date.parse("2026-10-01T00:00:00Z") + hour * 3_600_000);
      const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
      const datetime = openedAt.toISOString().slice(0, 19).replace("T", " ");
      return { datetime, open, high, low, close, volume: null };
    })
  );
  fc.assert(fc.property(rows, (rows) => {
    const ascending = normalizeCandles(rows, context);
    assert.deepEqual([ascending.candles.map(wire), ascending.rejects], [rows, []]);
    assert.deepEqual(normalizeCandles(rows.toReversed(), context), ascending);
  }));
});
