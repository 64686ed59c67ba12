import assert from "node:assert/strict";
import fc from "fast-check";
import { normalizeCandles, type NormalizeContext } from "../../etl/normalize.ts";
import type { WireRow } from "../../etl/provider.ts";
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

Deno.test("normalizeCandles() keeps the later of two rows with the same open time", () => {
  const earlier = row("2026-11-22 10:00:00", { close: "11" });
  const later = row("2026-11-22 10:00:00", { close: "11.5" });
  const { candles, rejects } = normalizeCandles([earlier, later], context);
  assert.deepEqual(candles.map((candle) => candle.close), ["11.5"]);
  assert.deepEqual(rejects.map((reject) => reject.payload), [earlier]);
  const twin = row("2026-11-22 10:00:00", { close: "11.0" });
  assert.deepEqual(normalizeCandles([earlier, twin], context).rejects, [], "the same values");
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
  ];
  const good = row("2026-11-22 09:00:00");
  for (const [values, reason] of wrong) {
    const bad = row("2026-11-22 10:00:00", values);
    const { candles, rejects } = normalizeCandles([good, bad], context);
    assert.equal(candles.length, 1, "the good row passes");
    assert.match(rejects[0]?.reason ?? "", reason);
    assert.deepEqual(rejects[0]?.payload, bad);
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

Deno.test("normalizeCandles() gives the same candles whatever the order of the rows", () => {
  const price = fc.integer({ min: 1, max: 99_999 }).map((cents) => (cents / 100).toFixed(2));
  const rows = fc.uniqueArray(
    fc.record({ hour: fc.integer({ min: 0, max: 500 }), open: price, close: price }),
    { selector: ({ hour }) => hour, maxLength: 50 },
  ).map((drafts) =>
    drafts.map(({ hour, open, close }) => {
      const openedAt = new Date(Date.parse("2026-10-01T00:00:00Z") + hour * 3_600_000);
      const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
      const datetime = openedAt.toISOString().slice(0, 19).replace("T", " ");
      return { datetime, open, high, low, close, volume: null };
    })
  );
  const shuffled = rows.chain((rows) =>
    fc.shuffledSubarray(rows, { minLength: rows.length }).map((other) => [rows, other] as const)
  );
  fc.assert(fc.property(shuffled, ([rows, other]) => {
    const once = normalizeCandles(rows, context);
    assert.deepEqual(once.rejects, []);
    assert.equal(once.candles.length, rows.length);
    assert.deepEqual(normalizeCandles(other, context), once);
  }));
});
