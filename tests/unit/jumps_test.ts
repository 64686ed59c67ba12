import assert from "node:assert/strict";
import { findJumps } from "../../etl/jumps.ts";
import { priceFloatsOf } from "../../market/candle.ts";
import { candle } from "../support/market.ts";

/** Hourly candles: of one price, or of `open-close`. */
function candles(...prices: string[]) {
  return prices.map((price, hour) => {
    const [open = "", close = open] = price.split("-");
    const openedAt = new Date(Date.parse("2026-11-22T00:00:00Z") + hour * 3_600_000);
    const row = candle(openedAt.toISOString(), close, { open });
    return { row, floats: priceFloatsOf(row) };
  });
}

const indexes = (...prices: string[]) => [...findJumps(candles(...prices)).keys()];

Deno.test("findJumps() finds a price that jumps by a factor of 50 and back, up or down", () => {
  assert.deepEqual(indexes("100", "101", "5050", "99", "100"), [2]);
  assert.deepEqual(indexes("100", "101", "2", "100", "100"), [2]);
  assert.deepEqual(indexes("100", "101", "0", "101", "100"), [2]);
  assert.deepEqual(indexes("100", "100", "4999", "100", "100"), [], "a little less is none");
  assert.deepEqual(indexes("0", "0", "0"), []);
});

Deno.test("findJumps() looks at the open and the close of a candle alike", () => {
  assert.deepEqual(indexes("100", "100-5000", "100"), [1]);
  assert.deepEqual(indexes("100", "5000-100", "100", "100"), [1]);
  assert.deepEqual(indexes("1", "1-100", "100", "100"), [], "a long way in one candle");
});

Deno.test("findJumps() takes two candles in a row at a new level as a real change", () => {
  assert.deepEqual(indexes("100", "100", "5000", "5000"), []);
  assert.deepEqual(indexes("100", "100", "5000", "5000", "100", "100"), []);
});

Deno.test("findJumps() holds the newest candle back until a later one confirms it", () => {
  const [[index, reason] = []] = findJumps(candles("100", "101", "5050-5060"));
  assert.equal(index, 2);
  assert.equal(
    reason,
    "not confirmed yet by a later candle: open 5050 and close 5060 after close 101",
  );
  assert.deepEqual(indexes("100", "101", "5050", "5060"), []);
});

Deno.test("findJumps() holds the first candle back when two later ones agree against it", () => {
  assert.deepEqual(indexes("5000", "100", "100"), [0]);
  assert.deepEqual(indexes("5000", "100"), [1], "either may be wrong: the newest waits");
  assert.deepEqual(indexes("5000"), []);
});

Deno.test("findJumps() tells the good candles between several jumps from the bad ones", () => {
  assert.deepEqual(indexes("100", "9000", "100", "9000", "100", "100"), [1, 3]);
});

Deno.test("findJumps() names the values", () => {
  assert.deepEqual([...findJumps(candles("100", "5000-5001", "99")).values()], [
    "price must not jump by 50 times and back: open 5000 and close 5001 between close 100 and open 99",
  ]);
});
