import assert from "node:assert/strict";
import fc from "fast-check";
import { brokenCandleRule, compareDecimals, Decimal } from "../../market/candle.ts";

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: min, maxLength: max });
const decimals = fc.tuple(fc.boolean(), digits(1, 20), digits(0, 15)).map(
  ([negative, whole, fraction]) => (negative ? "-" : "") + whole + (fraction && `.${fraction}`),
);

function scaled(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.replace("-", "").split(".");
  const value = BigInt(whole + fraction.padEnd(15, "0"));
  return decimal.startsWith("-") ? -value : value;
}

Deno.test("compareDecimals() orders any two decimals as their exact values", () => {
  const agrees = (a: string, b: string) => {
    assert.ok(Decimal.safeParse(a).success && Decimal.safeParse(b).success);
    const difference = scaled(a) - scaled(b);
    assert.equal(
      Math.sign(compareDecimals(a, b)) + 0,
      Number(difference > 0n) - Number(difference < 0n),
    );
  };
  fc.assert(fc.property(decimals, decimals, agrees));
  // Neighbours that a float cannot tell apart, and the same value with other digits.
  fc.assert(fc.property(digits(17, 20), digits(14, 14), (whole, fraction) => {
    agrees(`${whole}.${fraction}1`, `${whole}.${fraction}2`);
    agrees(`-${whole}.${fraction}1`, `-${whole}.${fraction}2`);
    agrees(`${whole}.${fraction}0`, `0${whole.slice(0, 19)}.${fraction}`);
    agrees(`${whole}.0`, whole);
  }));
  agrees("-0", "0.00");
});

Deno.test("Decimal refuses what a price never is", () => {
  for (const text of ["", "1e5", "NaN", "Infinity", "1.", ".5", "+1", " 1", "1,5", "0x1"]) {
    assert.equal(Decimal.safeParse(text).success, false, text);
  }
});

const candle = { open: "10", high: "12.50", low: "9.5", close: "12.5", volume: "100" };

Deno.test("brokenCandleRule() finds nothing wrong with a whole candle", () => {
  assert.equal(brokenCandleRule(candle), null);
  assert.equal(brokenCandleRule({ ...candle, volume: null }), null);
  assert.equal(
    brokenCandleRule({ open: "0", high: "0.0", low: "0", close: "0", volume: "0" }),
    null,
  );
});

Deno.test("brokenCandleRule() names the rule and the values", () => {
  const broken = (change: Partial<typeof candle>) => brokenCandleRule({ ...candle, ...change });
  assert.equal(broken({ low: "-0.01" }), "prices must not be negative: low is -0.01");
  assert.equal(broken({ high: "9.4" }), "high must be at least low: 9.4 < 9.5");
  assert.equal(broken({ close: "12.51" }), "high must be the highest: 12.50 < close 12.51");
  assert.equal(broken({ open: "9.4999" }), "low must be the lowest: 9.5 > open 9.4999");
  assert.equal(broken({ volume: "-1" }), "volume must not be negative: -1");
});

Deno.test("brokenCandleRule() passes exactly the candles whose prices lie within low and high", () => {
  const price = fc.integer({ min: 0, max: 30 }).map((cents) => (cents / 10).toFixed(1));
  fc.assert(fc.property(price, price, price, price, (open, high, low, close) => {
    const whole = [open, close, low].every((p) => Number(p) <= Number(high)) &&
      [open, close].every((p) => Number(p) >= Number(low));
    assert.equal(brokenCandleRule({ open, high, low, close, volume: null }) === null, whole);
  }));
});
